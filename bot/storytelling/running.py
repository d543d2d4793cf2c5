"""The passages that wait or are being written: begins, follows, stops and ends them. On the event loop only.

Every passage is followed by a task of its own, so that its row ends also when whoever asked is gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

from bot.errors import NotYours, ShuttingDown, TooManyHere, TooManyStories
from bot.moderation import TextFilter
from bot.store import Passage, StoredStory, StoryStore
from bot.storytelling.following import follow
from bot.storytelling.interrupted import end_interrupted
from bot.storytelling.telling import Telling
from storygen.engine import Engine
from storygen.generation import Generation
from storygen.story import StoryRequest

STOPPING_SECONDS = 10.0
"""How long somebody who wants everything stopped waits for the model to do it."""

UNLIMITED = -1
"""Counted for nobody: what is written for several people."""

Write = Callable[[], Awaitable[tuple[StoredStory, Passage]]]
"""Writes the rows of a passage that the engine has taken, and gives them."""

log = logging.getLogger(__name__)


class Running:
    """All that runs, at most ``stories_per_user`` for one person."""

    def __init__(self, engine: Engine, store: StoryStore, stories_per_user: int) -> None:
        self._engine = engine
        self._store = store
        self._stories_per_user = stories_per_user
        self._tellings: dict[int, Telling] = {}
        self._count_for: Counter[int] = Counter()
        self._count_in: Counter[tuple[object, int]] = Counter()  # by server and person
        self._tasks: set[asyncio.Task[Passage]] = set()
        self._closing = False

    async def begin(
        self,
        user_id: int,
        request: StoryRequest,
        write: Write,
        *,
        text_filter: TextFilter,
        at_once: int | None = None,
        retitle: bool = False,
        begins_story: bool = False,
        is_limited: bool = True,
    ) -> Telling:
        """Ask the engine, then write the rows; what is refused leaves nothing behind.

        ``at_once`` is how many the person may have in the request's group (their server), 0 or None for any.
        Unless it ``is_limited``, it does not count as one of the stories of that person.
        Raises TooManyStories, TooManyHere, ShuttingDown, and what the engine or ``write`` raises.
        """
        counted_for = user_id if is_limited else UNLIMITED
        place = (request.group, counted_for)
        self._admit(counted_for)
        if is_limited and at_once and self._count_in[place] >= at_once:
            raise TooManyHere(at_once)
        generation = self._engine.submit(request)
        begun: asyncio.Future[Telling] = asyncio.get_running_loop().create_future()
        run = self._run(generation, write, begun, retitle=retitle, begins_story=begins_story, text_filter=text_filter)
        task = asyncio.create_task(run)
        self._tasks.add(task)
        self._count_for[counted_for] += 1
        self._count_in[place] += 1
        task.add_done_callback(partial(self._ended, place, begun))
        return await asyncio.shield(begun)

    def of_person(self, user_id: int) -> list[Telling]:
        """Give what waits or is being written for a person, in the order in which it was asked for."""
        return [telling for telling in self._tellings.values() if telling.passage.user_id == user_id]

    def stop(self, user_id: int, passage_id: int) -> bool:
        """Stop a passage; False where it is not running. Raises NotYours for everybody but who asked for it."""
        telling = self._tellings.get(passage_id)
        if telling is None:
            return False
        if telling.passage.user_id != user_id:
            raise NotYours(telling.passage.user_id)
        telling.stop()
        return True

    def stop_story(self, story_id: int) -> None:
        """Stop what is being written of a story."""
        for telling in self._tellings.values():
            if telling.story.id == story_id:
                telling.stop()

    def stop_in(self, user_id: int, group: object) -> None:
        """Stop what is being written for a person in one server."""
        for telling in self.of_person(user_id):
            if telling.generation.request.group == group:
                telling.stop()

    async def stop_all(self, user_id: int) -> None:
        """Stop all that is being written for a person or in their stories, and wait until the rows have ended.

        A model that hangs is waited for only so long; what it writes then has no row to go to.
        """
        theirs = [
            telling
            for telling in self._tellings.values()
            if user_id in (telling.story.owner_id, telling.passage.user_id)
        ]
        for telling in theirs:
            telling.stop()
        if theirs:
            await asyncio.wait([telling.task for telling in theirs], timeout=STOPPING_SECONDS)

    async def close(self, grace_seconds: float, *, finishing_seconds: float = 0.0) -> None:
        """Take nothing more, stop what waits and what runs, and see every row ended after ``grace_seconds``.

        What is being written may end by itself during the first ``finishing_seconds`` of these.
        """
        self._closing = True
        for telling in self._tellings.values():
            if not finishing_seconds or telling.generation.position:
                telling.stop()
        if finishing_seconds:
            await self._finish(finishing_seconds)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_seconds - finishing_seconds)
        late = [task for task in self._tasks if not task.done()]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await end_interrupted(self._store)

    async def _finish(self, seconds: float) -> None:
        if not await self._engine.drain(seconds):
            log.info("%d stories did not end in %.1f s and are stopped", len(self._tellings), seconds)
        for telling in self._tellings.values():
            telling.stop()

    async def _run(
        self,
        generation: Generation,
        write: Write,
        begun: asyncio.Future[Telling],
        *,
        retitle: bool,
        begins_story: bool,
        text_filter: TextFilter,
    ) -> Passage:
        async with generation:
            story, passage = await write()
            path = [] if passage.parent_id is None else await self._store.path_to(passage.parent_id)
            telling = Telling(
                story=story, passage=passage, path=path, generation=generation, text_filter=text_filter, retitle=retitle
            )
            if (task := asyncio.current_task()) is not None:
                telling.task = task
            self._tellings[passage.id] = telling
            log.info(
                "passage %d of story %d began with %d characters above", passage.id, story.id, len(telling.context)
            )
            begun.set_result(telling)
            if self._closing:
                telling.stop()
            try:
                ended = await follow(telling, self._engine, self._store)
            finally:
                del self._tellings[passage.id]
            if begins_story and ended.text:
                await self._forget_others(telling.story)
            return ended

    async def _forget_others(self, story: StoredStory) -> None:
        """Delete the person's other stories where they want no history kept.

        Only now that the new one has text: who has a story that failed keeps the one before.
        """
        if not await self._store.people.keeps_history(story.owner_id):
            gone = await self._store.people.forget_other_stories(story.owner_id, but=story.id)
            log.info("%d stories of a person without a history are deleted", gone)

    def _ended(self, place: tuple[object, int], begun: asyncio.Future[Telling], task: asyncio.Task[Passage]) -> None:
        self._tasks.discard(task)
        self._count_for -= Counter([place[1]])  # what comes to nothing goes from the counter
        self._count_in -= Counter([place])
        # Asking for the exception marks it as seen: a reader that has left is no reason for asyncio to complain.
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is not None and not begun.done():
            begun.set_exception(error)

    def _admit(self, user_id: int) -> None:
        if self._closing:
            raise ShuttingDown
        if user_id != UNLIMITED and self._count_for[user_id] >= self._stories_per_user:
            raise TooManyStories(self._stories_per_user)

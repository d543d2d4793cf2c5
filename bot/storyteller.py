"""The use case without Discord: who may ask, what the model gets, what is recorded, how it stops.

Runs on the event loop; every passage is followed by a task that the storyteller owns.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from bot.config import Config
from bot.errors import NotYours, PassageUnfinished, PromptTooLong, ShuttingDown, TooManyStories
from bot.joining import first_words, joined, with_words
from bot.sampling_choice import OptionOrigin, choose, origins
from bot.store import Author, NewPassage, Passage, PassageState, StoredStory, StoryStore
from bot.telling import SEEDS, Teller, Telling, follow, new_seed
from storygen.engine import Engine
from storygen.errors import InvalidOption
from storygen.generation import Generation
from storygen.genre import Genre
from storygen.prompt import clean_text
from storygen.sampling import SamplingOptions, SamplingOverrides, clamp
from storygen.story import StoryRequest

PROMPT_LENGTH = 1500
"""Greatest length in characters of what a person types for one passage."""
TITLE_LENGTH = 100
"""Greatest length in characters of a title that a person types; more is left out."""
NOTHING_EXPLICIT = SamplingOverrides()

log = logging.getLogger(__name__)


Written = tuple[StoredStory, Passage]
Write = Callable[[], Awaitable[Written]]


class Storyteller:
    """Tells stories: one for the whole bot, on one event loop."""

    def __init__(self, engine: Engine, store: StoryStore, config: Config) -> None:
        self._engine = engine
        self._store = store
        self._config = config
        self._running: dict[int, Telling] = {}
        self._running_for: Counter[int] = Counter()
        self._growing: set[tuple[int, int | None]] = set()  # stories and the passages below which they are written
        self._tasks: set[asyncio.Task[Passage]] = set()
        self._closing = False

    @property
    def genres(self) -> tuple[Genre, ...]:
        """The genres that can be asked for."""
        return self._engine.genres

    async def begin(
        self,
        teller: Teller,
        *,
        genre: str,
        prompt: str = "",
        title: str = "",
        overrides: SamplingOverrides = NOTHING_EXPLICIT,
        preset: str | None = None,
        seed: int | None = None,
        private: bool = False,
    ) -> Telling:
        """Begin a story. Without a prompt, the model begins by itself.

        Raises PromptTooLong, InvalidOption, UnknownPreset, TooManyStories, ShuttingDown, or what the
        engine raises; nothing is stored then.
        """
        options = await self.options_for(teller.user_id, overrides, preset)
        new = self._new(teller, self._clean(prompt), options, _checked(seed))
        title = " ".join(clean_text(title, self.genres).split())[:TITLE_LENGTH].strip()

        async def write() -> Written:
            return await self._store.add_story(
                new, guild_id=teller.guild_id, channel_id=teller.channel_id, genre=genre, title=title, private=private
            )

        return await self._tell(teller, new, genre, new.text, write)

    async def go_on(self, teller: Teller, passage_id: int, text: str = "") -> Telling:
        """Continue a story below a passage, after the person's ``text`` where there is one.

        A passage without text (it failed) is passed over. The options are those of the passage.
        Raises PassageNotFound, NotYours, PassageUnfinished (also where the same is being written already),
        and what ``begin`` raises.
        """
        story, path = await self._path_of_own(teller, passage_id)
        above = path if path[-1].text else path[:-1]
        new = self._new(teller, self._clean(text), await self._options_of(path[-1], teller))
        return await self._extend(teller, story, above, new)

    async def retry(self, teller: Teller, passage_id: int) -> Telling:
        """Write a model's passage another time: below the same words, with the same options and a new seed.

        The one that was there stays; the new one becomes the head when it is finished.
        Raises what ``go_on`` raises.
        """
        story, path = await self._path_of_own(teller, passage_id)
        above = path if path[-1].author is Author.PERSON else path[:-1]
        if story.title == first_words(joined(path)):  # they will be others
            story = replace(story, title="")
        new = self._new(teller, "", await self._options_of(path[-1], teller))
        return await self._extend(teller, story, above, new)

    def stop(self, user_id: int, passage_id: int) -> bool:
        """Stop a passage that is waiting or being written; False where it is not.

        Raises NotYours for everybody but the person who asked for it.
        """
        telling = self._running.get(passage_id)
        if telling is None:
            return False
        if telling.passage.user_id != user_id:
            raise NotYours(telling.passage.user_id)
        telling.stop()
        return True

    async def story_of(self, user_id: int, story_id: int) -> StoredStory:
        """Give a person's own story. Raises StoryNotFound and NotYours."""
        story = await self._store.story(story_id)
        if story.owner_id != user_id:
            raise NotYours(story.owner_id)
        return story

    async def delete(self, user_id: int, story_id: int) -> StoredStory:
        """Delete a person's own story for good and stop what is being written of it; give what it was.

        Raises StoryNotFound and NotYours.
        """
        story = await self.story_of(user_id, story_id)
        for telling in self._running.values():
            if telling.story.id == story_id:
                telling.stop()
        await self._store.delete_story(story_id)
        return story

    async def options_for(
        self, user_id: int, overrides: SamplingOverrides = NOTHING_EXPLICIT, preset: str | None = None
    ) -> SamplingOptions:
        """Give the options that hold for a person: built-in, saved, preset, said now; a later one wins.

        Raises UnknownPreset, and InvalidOption for what is said now.
        """
        return choose(await self._store.get_overrides(user_id), preset, overrides)

    async def origin_of_options(self, user_id: int) -> tuple[OptionOrigin, ...]:
        """Give each option's value for a person and where it comes from."""
        return origins(await self._store.get_overrides(user_id))

    async def close(self, grace_seconds: float, *, finishing_seconds: float = 0.0) -> None:
        """Take nothing more, stop what waits and what runs, and see every row ended after ``grace_seconds``.

        What is being written may end by itself during the first ``finishing_seconds`` of these.
        """
        self._closing = True
        for telling in self._running.values():
            if not finishing_seconds or telling.generation.position:
                telling.stop()
        if finishing_seconds:
            await self._finish_what_runs(finishing_seconds)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_seconds - finishing_seconds)
        late = [task for task in self._tasks if not task.done()]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if left := await self._store.close_unfinished():
            log.error("%d passages were still waiting at the end and are marked as failed", left)

    async def _finish_what_runs(self, seconds: float) -> None:
        if not await self._engine.drain(seconds):
            log.info("%d stories did not end in %.1f s and are stopped", len(self._running), seconds)
        for telling in self._running.values():
            telling.stop()

    async def _extend(self, teller: Teller, story: StoredStory, above: list[Passage], new: NewPassage) -> Telling:
        """Write the next passage of a story below the last of ``above``, or at its beginning where there is none."""
        parent_id = above[-1].id if above else None
        if (story.id, parent_id) in self._growing:  # a button was pressed twice
            raise PassageUnfinished(parent_id or 0)

        async def write() -> Written:
            return story, await self._store.add_passage(story.id, parent_id, new)

        self._growing.add((story.id, parent_id))
        try:
            telling = await self._tell(teller, new, story.genre, with_words(joined(above), new.text), write)
        except BaseException:
            self._growing.discard((story.id, parent_id))
            raise
        telling.task.add_done_callback(lambda _: self._growing.discard((story.id, parent_id)))
        return telling

    async def _tell(self, teller: Teller, new: NewPassage, genre: str, text: str, write: Write) -> Telling:
        """Ask the engine to go on from ``text``, then write the rows; what is refused leaves nothing behind."""
        self._admit(new.user_id)
        generation = self._engine.submit(self._request(teller, new, genre, text))
        begun: asyncio.Future[Telling] = asyncio.get_running_loop().create_future()
        # A task of its own, so that the row ends also when whoever asked is cancelled.
        task = asyncio.create_task(self._run(generation, write, begun))
        self._tasks.add(task)
        self._running_for[new.user_id] += 1
        task.add_done_callback(partial(self._forget, new.user_id, begun))
        telling = await asyncio.shield(begun)
        telling.task = task
        return telling

    async def _run(self, generation: Generation, write: Write, begun: asyncio.Future[Telling]) -> Passage:
        async with generation:
            story, passage = await write()
            path = [] if passage.parent_id is None else await self._store.path_to(passage.parent_id)
            telling = Telling(story=story, passage=passage, path=path, generation=generation)
            self._running[passage.id] = telling
            log.info(
                "passage %d of story %d began with %d characters above", passage.id, story.id, len(telling.context)
            )
            begun.set_result(telling)
            if self._closing:
                telling.stop()
            try:
                return await follow(telling, self._engine, self._store)
            finally:
                del self._running[passage.id]

    def _forget(self, user_id: int, begun: asyncio.Future[Telling], task: asyncio.Task[Passage]) -> None:
        self._tasks.discard(task)
        self._running_for[user_id] -= 1
        if not self._running_for[user_id]:
            del self._running_for[user_id]
        # Asking for the exception marks it as seen: a reader that has left is no reason for asyncio to complain.
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is not None and not begun.done():
            begun.set_exception(error)

    def _admit(self, user_id: int) -> None:
        if self._closing:
            raise ShuttingDown
        if self._running_for[user_id] >= self._config.stories_per_user:
            raise TooManyStories(self._config.stories_per_user)

    async def _path_of_own(self, teller: Teller, passage_id: int) -> tuple[StoredStory, list[Passage]]:
        """Give a person's own story and the path to a passage of it that has ended."""
        passage = await self._store.passage(passage_id)
        story = await self.story_of(teller.user_id, passage.story_id)
        if passage.state is PassageState.WAITING:
            raise PassageUnfinished(passage_id)
        return story, await self._store.path_to(passage_id)

    async def _options_of(self, passage: Passage, teller: Teller) -> SamplingOptions:
        """Give the options that a passage was asked with; a person's passage has none, so those of the teller."""
        if passage.options is None:
            return await self.options_for(teller.user_id)
        return clamp(passage.options)

    def _new(self, teller: Teller, text: str, options: SamplingOptions, seed: int | None = None) -> NewPassage:
        return NewPassage(
            user_id=teller.user_id,
            text=text,
            options=options,
            seed=new_seed() if seed is None else seed,
            model=self._engine.status().model,
        )

    def _request(self, teller: Teller, new: NewPassage, genre: str, text: str) -> StoryRequest:
        # Cleaned once more: a model can write the letters of a control token, and they are read as one here.
        return StoryRequest(
            genre=genre,
            prompt=clean_text(text, self.genres),
            options=new.options,
            seed=new.seed,
            deadline_seconds=self._config.story_seconds,
            user=teller.user_id,
            group=teller.guild_id,
        )

    def _clean(self, text: str) -> str:
        text = clean_text(text, self.genres)
        if len(text) > PROMPT_LENGTH:
            raise PromptTooLong(len(text), PROMPT_LENGTH)
        return text


def _checked(seed: int | None) -> int | None:
    if seed is not None and not 0 <= seed < SEEDS:
        raise InvalidOption("seed", seed, 0, SEEDS - 1)
    return seed

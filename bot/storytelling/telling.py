"""One passage while it is being written for somebody, until its row has ended. On the event loop only."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace

from bot.store import Passage, PassageState, StoredStory, StoryStore, TitleOrigin
from bot.storytelling.joining import first_words, joined, lead_of
from bot.storytelling.titling import model_title
from bot.storytelling.tries import Kept, kept_of
from storygen.engine import Engine
from storygen.generation import Generation
from storygen.story import FinishReason

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who asks for a passage, and where."""

    user_id: int
    guild_id: int | None
    """None in direct messages."""
    channel_id: int


@dataclass(slots=True, kw_only=True, eq=False)
class Telling:
    """One passage of the model while it is being written."""

    story: StoredStory
    """As it was stored at the beginning; after the end as it is then, with its title and head."""
    passage: Passage
    """The model's passage as it was stored at the beginning: WAITING and without text."""
    path: list[Passage]
    """The passages above it, from the story's beginning."""
    generation: Generation
    """The stream. Replaced by another one where the first wrote nothing that can be shown, or went in circles."""
    retitle: bool = False
    """It may bring the story its title."""
    rewriting: bool = False
    """The first try went in circles, and this is the second."""
    stopped: bool = False
    """Somebody wants no more of it."""
    task: asyncio.Task[Passage] = field(init=False, repr=False)
    """Follows the stream until the row has ended; set by whoever runs it."""

    @property
    def lead(self) -> str:
        """The person's words directly above the passage; empty where the model goes on by itself."""
        return lead_of(self.path)

    @property
    def context(self) -> str:
        """The whole text above the passage, as it is shown."""
        return joined(self.path)

    def stop(self) -> None:
        """Ask the model to stop; the passage then ends as STOPPED with what it has."""
        self.stopped = True
        self.generation.cancel()

    async def finished(self) -> Passage:
        """Wait for the end and give the passage as it is stored, which is as it is to be shown.

        Raises what the engine raised, NothingWritten, or PassageNotFound where the story was deleted
        meanwhile; the row has ended in every case. Cancelling the wait cancels nothing else.
        """
        return await asyncio.shield(self.task)


async def follow(telling: Telling, engine: Engine, store: StoryStore) -> Passage:
    """Bring a telling to its end. Every way out ends the row."""
    try:
        kept = await kept_of(telling, engine)
    except asyncio.CancelledError:
        # The bot ends and the engine did not answer in time: keep what there is.
        telling.generation.cancel()
        await _end(telling, store, PassageState.STOPPED, text=telling.generation.text.rstrip())
        raise
    except Exception as error:
        log.warning("passage %d failed: %s", telling.passage.id, type(error).__name__)
        await _end(telling, store, PassageState.FAILED)
        raise
    if kept.story.finish_reason is FinishReason.CANCELLED or not kept.story.text:
        return await _end(telling, store, PassageState.STOPPED, kept=kept)
    try:
        title = await _title(telling, engine, kept.story.text) if telling.retitle else ""
    except asyncio.CancelledError:
        await _end(telling, store, PassageState.DONE, kept=kept)
        raise
    return await _end(telling, store, PassageState.DONE, kept=kept, title=title)


async def _title(telling: Telling, engine: Engine, text: str) -> str:
    return await model_title(engine, telling.generation.request, _whole(telling, text))


async def _end(
    telling: Telling,
    store: StoryStore,
    state: PassageState,
    *,
    text: str = "",
    kept: Kept | None = None,
    title: str = "",
) -> Passage:
    """End the row, and give the story a title where it has none: the model's, else its first words."""
    text = kept.story.text if kept else text
    telling.story, passage = await store.finish_passage(
        telling.passage.id,
        text=text if telling.context else text.lstrip(),
        state=state,
        title=title or first_words(_whole(telling, text)),
        title_origin=TitleOrigin.MODEL if title else TitleOrigin.TEXT,
        retitle=telling.retitle,
        story=kept.story if kept else None,
        options=kept.options if kept else None,
        rewritten=kept.rewritten if kept else False,
    )
    log.info("passage %d ended as %s with %d characters", passage.id, passage.state, len(passage.text))
    return passage


def _whole(telling: Telling, text: str) -> str:
    """Give the story's text with this passage."""
    return joined([*telling.path, replace(telling.passage, text=text)])

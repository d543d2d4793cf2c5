"""One passage while it is being written for somebody, until its row has ended. On the event loop only."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass, field, replace

from bot.errors import NothingWritten, TurnNeverCame
from bot.joining import first_words, joined, lead_of
from bot.store import Passage, PassageState, StoredStory, StoryStore
from storygen.engine import Engine
from storygen.generation import Generation
from storygen.polish import polish
from storygen.story import FinishReason, Story

SEEDS = 2**53
"""Seeds are below this: people read them and type them back, and Discord's integers end here."""

log = logging.getLogger(__name__)


def new_seed() -> int:
    """Draw a seed for a story."""
    return secrets.randbelow(SEEDS)


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
    """As it was stored at the beginning; after the end as it is then, with its title and head.

    Without a title where this passage may bring one.
    """
    passage: Passage
    """The model's passage as it was stored at the beginning: WAITING and without text."""
    path: list[Passage]
    """The passages above it, from the story's beginning."""
    generation: Generation
    """The stream. Replaced by a second one, once, where the first wrote nothing that can be shown."""
    stopped: bool = False
    """Somebody wants no more of it."""
    task: asyncio.Task[Passage] = field(init=False, repr=False)
    """Follows the stream until the row has ended; set by the storyteller, which owns it."""

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
        story = await _written(telling, engine)
    except asyncio.CancelledError:
        # The bot ends and the engine did not answer in time: keep what there is.
        telling.generation.cancel()
        await _end(telling, store, telling.generation.text.rstrip(), PassageState.STOPPED)
        raise
    except Exception as error:
        log.warning("passage %d failed: %s", telling.passage.id, type(error).__name__)
        await _end(telling, store, "", PassageState.FAILED)
        raise
    stopped = story.finish_reason is FinishReason.CANCELLED or not story.text
    return await _end(telling, store, story.text, PassageState.STOPPED if stopped else PassageState.DONE, story)


async def _written(telling: Telling, engine: Engine) -> Story:
    """Give what the model wrote, polished, with a second try where the first has nothing.

    Without text only where it was stopped; else raises NothingWritten, or TurnNeverCame.
    """
    story = _polished(await telling.generation.story())
    if _is_missing(story, telling) and story.finish_reason is FinishReason.DEADLINE:
        raise TurnNeverCame
    if _is_missing(story, telling):
        log.info("passage %d has nothing to show and is tried again", telling.passage.id)
        telling.generation = engine.submit(replace(telling.generation.request, seed=new_seed()))
        story = _polished(await telling.generation.story())
    if _is_missing(story, telling):
        raise NothingWritten
    return story


async def _end(
    telling: Telling, store: StoryStore, text: str, state: PassageState, story: Story | None = None
) -> Passage:
    """End the row, and give the story a title where it has none."""
    if not telling.context:
        text = text.lstrip()
    title = first_words(joined([*telling.path, replace(telling.passage, text=text)]))
    telling.story, passage = await store.finish_passage(
        telling.passage.id, text=text, state=state, title=title, retitle=not telling.story.title, story=story
    )
    log.info("passage %d ended as %s with %d characters", passage.id, passage.state, len(passage.text))
    return passage


def _polished(story: Story) -> Story:
    """Give the story as it is stored and shown. A stopped one keeps all that it has; spaces alone are no text."""
    text = story.text if story.finish_reason is FinishReason.CANCELLED else polish(story.text)
    return replace(story, text=text.rstrip())


def _is_missing(story: Story, telling: Telling) -> bool:
    """Say whether there ought to be a text and is none."""
    stopped = telling.stopped or story.finish_reason is FinishReason.CANCELLED
    return not story.text and not stopped

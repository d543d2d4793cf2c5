"""One passage while it is being written for somebody, and who that is. On the event loop only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.moderation import Kind, SafeText, TextFilter
from bot.store import Passage, StoredStory
from bot.storytelling.joining import joined, lead_of
from storygen.generation import Generation


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who asks for a passage, and where."""

    user_id: int
    guild_id: int | None
    """None in direct messages."""
    channel_id: int
    parent_id: int | None = None
    """The channel that a thread is in."""
    role_ids: frozenset[int] = frozenset()
    """The person's roles in the server."""
    manages: bool = False
    """Whether they may manage the server."""
    hosted: bool = True
    """Whether the bot is in the server; else it is an app of the person's own, and no rules of the server hold."""


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
    text_filter: TextFilter
    """What is let through where it is told."""
    retitle: bool = False
    """It may bring the story its title."""
    rewriting: bool = False
    """The first try went in circles, and this is the second."""
    refused: Kind | None = None
    """Why the first try was not let through, where it was not."""
    stopped: bool = False
    """Somebody wants no more of it."""
    task: asyncio.Task[Passage] = field(init=False, repr=False)
    """Follows the stream until the row has ended; set by whoever runs it."""

    _read: tuple[Generation, SafeText] | None = field(default=None, init=False, repr=False)

    @property
    def safe(self) -> SafeText:
        """What of the stream may be shown, as far as it was read."""
        if self._read is None or self._read[0] is not self.generation:
            self._read = (self.generation, SafeText(self.text_filter, self.context))
        return self._read[1]

    @property
    def shown_text(self) -> str:
        """What may be shown so far. A try in which something is found that may not be shown is ended."""
        shown = self.safe.grow(self.generation.text)
        if self.safe.found is not None:
            self.generation.cancel()
        return shown

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

"""What telling together needs of the place where it happens, and what it says there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.store import Circle
from bot.storytelling.telling import Telling


class What(StrEnum):
    """What has happened in a circle, besides a passage."""

    PASSED = "passed"
    SKIPPED = "skipped"
    SLEPT = "slept"
    LEFT = "left"
    GONE = "gone"
    """Left the server."""
    VOTED_ON = "voted_on"
    """A vote is over."""
    FAILED = "failed"
    """The bot could not write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing that is said once."""

    what: What
    user_id: int | None = None
    error: Exception | None = None
    """Why the bot could not write."""


class Stage(Protocol):
    """The place where a story is told, in the form in which people see it."""

    async def show(self, circle: Circle, *news: News) -> None:
        """Show all passages that are not shown yet, and then what may be done now; at the end the whole story.

        Raises ChannelGone where there is no such place any more; any other fault passes, for all is stored.
        """
        ...

    async def grow(self, circle: Circle, telling: Telling) -> None:
        """Show a passage while the bot writes it, and as it is then."""
        ...

    async def bring_to_its_end(self, circle: Circle, passage_id: int) -> None:
        """Let the message of the bot's passage show what is stored of it: it may still seem to grow after a crash."""
        ...

    async def is_here(self, circle: Circle, user_id: int) -> bool:
        """Say whether somebody is still in the server; True where that can't be found out."""
        ...

"""The time by which turns and votes end; a test moves one of its own by hand."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

LOOK_SECONDS = 30.0
"""The clock on the wall may be set, so nobody sleeps longer than this without looking at it again."""


class Clock(Protocol):
    """UTC, and waiting for it."""

    def now(self) -> int:
        """Give the time in UTC seconds."""
        ...

    async def wait_until(self, moment: int) -> None:
        """Come back at that moment, or earlier."""
        ...


class WallClock:
    """The clock on the wall."""

    def now(self) -> int:
        """Give the time in UTC seconds."""
        return int(time.time())

    async def wait_until(self, moment: int) -> None:
        """Come back at that moment, or earlier."""
        await asyncio.sleep(min(max(moment - time.time(), 0.0), LOOK_SECONDS))

"""A clock of deadlines that a test moves by hand."""

from __future__ import annotations

import asyncio
import time


class HandClock:
    """Stands still until ``advance``; whoever waits is woken then. It may outlive a bot and go on with the next."""

    def __init__(self) -> None:
        self._now = int(time.time())
        self._moved = asyncio.Event()

    def now(self) -> int:
        """Give the time in UTC seconds."""
        return self._now

    def advance(self, seconds: int) -> None:
        """Let so many seconds pass at once."""
        self._now += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait_until(self, moment: int) -> None:
        """Come back at that moment, or when time has passed."""
        if self._now < moment:
            await self._moved.wait()

"""How often a client may ask: no more than so many requests a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

Clock = Callable[[], float]
"""Gives seconds that only ever rise."""
Wait = Callable[[float], Awaitable[None]]
"""Waits so many seconds."""


class Pace:
    """Lets one request through at a time, each at least ``1 / per_second`` seconds after the one before."""

    def __init__(self, per_second: float, *, clock: Clock = time.monotonic, wait: Wait = asyncio.sleep) -> None:
        self._gap = 1 / per_second
        self._clock = clock
        self._wait = wait
        self._next = clock()

    async def turn(self) -> None:
        """Wait until the next request may be sent."""
        early = self._next - self._clock()
        if early > 0:
            await self._wait(early)
        self._next = self._clock() + self._gap

    async def pause(self, seconds: float) -> None:
        """Wait because the server asked for it."""
        await self._wait(seconds)

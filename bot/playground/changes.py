"""Waiting for something to become true without polling: whoever changes the world says so, waiters look again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """Wakes everyone who waits whenever something in the playground changed."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Something changed: all waiters look again."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, look: Callable[[], T], timeout: float | None) -> T:  # noqa: ASYNC109 -- the caller says its patience
        """Give the first truthy answer of ``look``, tried now and after each change.

        Raises:
            TimeoutError: when ``timeout`` seconds pass first; None waits for ever

        """
        async with asyncio.timeout(timeout):
            while not (answer := look()):
                await self._next()
        return answer

    async def _next(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)


class Watch:
    """Tells whether something looks different from the last time that it did."""

    def __init__(self, look: Callable[[], object]) -> None:
        self._look = look
        self._last = look()

    def seen(self) -> bool:
        """Whether it changed since the last time that this was true."""
        now = self._look()
        changed, self._last = now != self._last, now
        return changed

"""Bad days of Discord, when a test asks for one: answers of 500 and the like, broken connections, and no answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

HANG_UP = 0
"""Stands for a connection that breaks without an answer."""


@dataclass(slots=True, kw_only=True)
class _Trouble:
    count: int
    status: int
    part: str


@dataclass(slots=True, kw_only=True)
class Hold:
    """Requests that Discord does not look at until ``release``, and then only at those that are still waited for."""

    part: str
    held: int = 0
    """How many requests have met it."""
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Answer those that wait, and no longer hold any."""
        self._released.set()

    async def wait(self) -> None:
        """Wait until it is released."""
        await self._released.wait()

    @property
    def over(self) -> bool:
        """Whether it was released."""
        return self._released.is_set()


class Troubles:
    """What goes wrong with the next requests."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._coming: list[_Trouble] = []
        self._holds: list[Hold] = []

    def expect(self, *, count: int = 1, status: int = HANG_UP, part: str = "") -> None:
        """Spoil the next ``count`` requests whose ``METHOD /path`` contains ``part``."""
        self._coming.append(_Trouble(count=count, status=status, part=part))

    def hold(self, part: str) -> Hold:
        """Hold all requests whose ``METHOD /path`` contains ``part``."""
        self._holds.append(Hold(part=part))
        return self._holds[-1]

    async def wait(self, method: str, path: str) -> None:
        """Wait until nothing holds a request any more."""
        for hold in self._holds:
            if not hold.over and hold.part in f"{method} {path}":
                hold.held += 1
                self._tell()
                await hold.wait()

    def release_all(self) -> None:
        """Hold nothing any more."""
        for hold in self._holds:
            hold.release()

    def take(self, method: str, path: str) -> int | None:
        """Give the status that a test asked for (HANG_UP: none at all), once, or None."""
        for trouble in self._coming:
            if trouble.count > 0 and trouble.part in f"{method} {path}":
                trouble.count -= 1
                return trouble.status
        return None

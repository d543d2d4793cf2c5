"""Time as the playground sees it: the real one, or one that a test moves by hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """Something that was asked for later and can be called off."""

    def cancel(self) -> None:
        """Call it off; nothing happens if it is over."""


class Clock(Protocol):
    """What the 3 seconds and the 15 minutes are measured with."""

    def now(self) -> float:
        """Seconds since 1970."""

    def call_later(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Do something so many seconds from now."""


class RealClock:
    """The clock on the wall, timers on the running event loop."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def call_later(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Do something so many seconds from now."""
        return asyncio.get_running_loop().call_later(seconds, action)


class _Due:
    def __init__(self, at: float, action: Callable[[], None]) -> None:
        self.at = at
        self.action = action
        self.called_off = False

    def cancel(self) -> None:
        self.called_off = True


class ManualClock:
    """A clock that stands still until ``advance``; rate limits keep to real time, since the bot waits in real time."""

    def __init__(self) -> None:
        self._now = time.time()
        self._timers: list[_Due] = []

    def now(self) -> float:
        """Seconds since 1970."""
        return self._now

    def call_later(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Do something once ``advance`` has passed that moment."""
        timer = _Due(self._now + seconds, action)
        self._timers.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass at once, with everything that falls due in them, in order."""
        self._now += seconds
        due = sorted((timer for timer in self._timers if timer.at <= self._now), key=lambda timer: timer.at)
        self._timers = [timer for timer in self._timers if timer.at > self._now]
        for timer in due:
            if not timer.called_off:
                timer.action()

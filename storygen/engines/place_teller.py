"""Tells everyone who waits their place and waiting time, whenever one has changed. Runs on the event loop.

However fast the queue moves, the event loop spends a small part of its time on this: who asks meanwhile is
told later, all at once, and where many wait they are told in portions between which others have their turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Protocol

from storygen.generation import Generation, Moved

REFRESH_SECONDS = 1.0
"""Waiting times are looked at again after so long also where no place has changed."""
REST_SECONDS_EACH = 0.0002
"""After telling n people, at least n times this passes; telling one takes about 5 millionths of a second."""
PORTION = 100
"""So many are told without a break."""
NOTICED_SECONDS = 0.5
NOTICED_PART = 0.2
"""A waiting time that has changed by less, in seconds or as a part of it, is not told again."""


class Waiter(Protocol):
    """Whoever waits: anything with a stream to somebody."""

    generation: Generation


News = tuple[Waiter, int, float | None]
"""Who, their place, and the seconds that they will probably wait."""


class PlaceTeller:
    """Calls ``look`` for what everyone is to know, and brings them what is new."""

    def __init__(self, loop: asyncio.AbstractEventLoop, look: Callable[[], Iterable[News]]) -> None:
        self._loop = loop
        self._look = look
        self._asked = False
        self._rests_until = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def ask(self) -> None:
        """Have everyone told soon. From any thread; asking again before that costs nothing."""
        if self._asked:
            return
        self._asked = True
        try:
            self._loop.call_soon_threadsafe(self._wake)
        except RuntimeError:
            if not self._loop.is_closed():
                raise

    def stop(self) -> None:
        """Look no more by itself. On the event loop only."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake(self) -> None:
        self._asked = False  # before looking: what changes from now on asks anew
        if self._loop.time() >= self._rests_until:
            self._tell()
        else:
            self._again_at(self._rests_until)

    def _tell(self) -> None:
        self.stop()
        everyone = list(self._look())
        if not everyone:
            return
        rest = len(everyone) * REST_SECONDS_EACH
        self._rests_until = self._loop.time() + rest
        self._again_at(self._loop.time() + max(REFRESH_SECONDS, rest))
        self._tell_some([news for news in everyone if _is_new(*news)])

    def _tell_some(self, left: list[News]) -> None:
        for waiter, place, seconds in islice(left, PORTION):
            waiter.generation.receive(Moved(place, seconds))
        if len(left) > PORTION:
            self._loop.call_soon(self._tell_some, left[PORTION:])

    def _again_at(self, when: float) -> None:
        if self._timer is None or self._timer.when() > when:
            self.stop()
            self._timer = self._loop.call_at(when, self._tell)


def _is_new(waiter: Waiter, place: int, seconds: float | None) -> bool:
    generation = waiter.generation
    told = generation.waiting_seconds
    if place != generation.position or (told is None) != (seconds is None):
        return True
    if told is None or seconds is None:
        return False
    return abs(seconds - told) > max(NOTICED_SECONDS, NOTICED_PART * told)

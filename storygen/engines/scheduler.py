"""Who is next: a bounded line, first come, first served. Plain data without a lock: its owner calls it under one."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from storygen.errors import QueueFull

T = TypeVar("T")


class Scheduler(Generic[T]):
    """The requests that wait, in order."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[T] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, item: T) -> int:
        """Put one at the end and give its place (1 is next). Raises QueueFull."""
        if len(self._waiting) >= self._limit:
            raise QueueFull(self._limit)
        self._waiting.append(item)
        return len(self._waiting)

    def next(self) -> T | None:
        """Take out who is next, or None."""
        return self._waiting.popleft() if self._waiting else None

    def discard(self, item: T) -> bool:
        """Take one out wherever it stands; say whether it was there."""
        try:
            self._waiting.remove(item)
        except ValueError:
            return False
        return True

    def places(self) -> list[tuple[T, int]]:
        """Give everyone with their place."""
        return [(item, place) for place, item in enumerate(self._waiting, start=1)]

    def clear(self) -> list[T]:
        """Take everyone out."""
        everyone = list(self._waiting)
        self._waiting.clear()
        return everyone

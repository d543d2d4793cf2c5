"""Bad days of Discord, when a test asks for one: answers of 500 and the like, and connections that break."""

from __future__ import annotations

from dataclasses import dataclass

HANG_UP = 0
"""Stands for a connection that breaks without an answer."""


@dataclass(slots=True, kw_only=True)
class _Trouble:
    count: int
    status: int
    part: str


class Troubles:
    """What goes wrong with the next requests."""

    def __init__(self) -> None:
        self._coming: list[_Trouble] = []

    def expect(self, *, count: int = 1, status: int = HANG_UP, part: str = "") -> None:
        """Spoil the next ``count`` requests whose ``METHOD /path`` contains ``part``."""
        self._coming.append(_Trouble(count=count, status=status, part=part))

    def take(self, method: str, path: str) -> int | None:
        """Give the status that a test asked for (HANG_UP: none at all), once, or None."""
        for trouble in self._coming:
            if trouble.count > 0 and trouble.part in f"{method} {path}":
                trouble.count -= 1
                return trouble.status
        return None

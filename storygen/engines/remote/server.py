"""What is remembered of each server, and which one is next. Plain data; times are seconds of one clock."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence

from yarl import URL

from storygen.engine import ServerStatus

LONGEST_BACKOFF = 30.0
_DOUBLINGS = 10


class Server:
    """One base URL."""

    def __init__(self, base_url: str, *, model: str = "", backoff_seconds: float = 0.5) -> None:
        self.url = URL(base_url.rstrip("/"))
        self.name = str(self.url.origin())
        """For the log: without a path, a query or a password."""
        self.model = model
        """Name that the server has for the model; empty until it was asked."""
        self.positions: int | None = None
        """Tokens that a prompt and its story may have together, where the server says it."""
        self.unknown_fields: frozenset[str] = frozenset()
        """Fields that it has refused."""
        self.running = 0
        self.failures = 0
        """Failures in a row."""
        self.free_at = 0.0
        """When it may be asked again."""
        self.has_answered = False
        self._backoff_seconds = backoff_seconds

    def status(self) -> ServerStatus:
        """Say how it is."""
        return ServerStatus(name=self.name, working=self.has_answered and not self.failures, running=self.running)

    def worked(self) -> None:
        """Note that it answers as it should."""
        self.failures, self.free_at, self.has_answered = 0, 0.0, True

    def failed(self, now: float, wait_seconds: float | None = None) -> float:
        """Leave it alone for as long as it asks, else for a random time that grows; give the seconds."""
        self.failures += 1
        longest = min(self._backoff_seconds * 2 ** min(self.failures - 1, _DOUBLINGS), LONGEST_BACKOFF)
        # Between half and all of it: many requests that failed together should not come back together.
        jittered = longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        seconds = jittered if wait_seconds is None else wait_seconds
        self.free_at = max(self.free_at, now + seconds)
        return seconds


def next_server(servers: Sequence[Server], now: float, without: Collection[Server] = ()) -> Server | None:
    """Give the server that may be asked now and has the least to do; None where all are left alone."""
    free = [server for server in servers if server.free_at <= now and server not in without]
    return min(free, key=lambda server: (server.failures > 0, server.running), default=None)


def seconds_until_free(servers: Sequence[Server], now: float, without: Collection[Server] = ()) -> float | None:
    """Say how long it is until one may be asked; None where none is left."""
    left = [server.free_at - now for server in servers if server not in without]
    return max(min(left), 0.0) if left else None

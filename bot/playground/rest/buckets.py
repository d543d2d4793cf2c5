"""How often a bot may ask: a bucket for each message route and channel (or webhook), and one for everything."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

GLOBAL_PER_SECOND = 50  # topics/rate-limits; the interaction endpoints are not counted

_GLOBAL_SCOPE = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a request may pass, and the headers that go with the answer either way."""

    allowed: bool
    retry_after: float = 0.0
    everywhere: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Forced:
    count: int
    retry_after: float
    part: str
    everywhere: bool


class Buckets:
    """Counts requests in windows. ``now`` is in seconds; the default is real time, since a bot waits in real time."""

    def __init__(self, *, limit: int = 5, window: float = 5.0, now: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.window = window
        self._now = now
        self._started: dict[tuple[str, str], tuple[float, int]] = {}
        self._everything: deque[float] = deque()
        self._forced: list[_Forced] = []

    def force(self, *, count: int = 1, retry_after: float = 0.1, part: str = "", everywhere: bool = False) -> None:
        """Refuse the next ``count`` requests whose ``METHOD /path`` contains ``part``; see the playground's own."""
        self._forced.append(_Forced(count=count, retry_after=retry_after, part=part, everywhere=everywhere))

    def forced(self, method: str, path: str) -> Verdict | None:
        """Give the refusal that a test asked for, once, or None."""
        for forced in self._forced:
            if forced.count > 0 and forced.part in f"{method} {path}":
                forced.count -= 1
                scope = _GLOBAL_SCOPE if forced.everywhere else {"X-RateLimit-Scope": "shared"}
                return Verdict(
                    allowed=False, retry_after=forced.retry_after, everywhere=forced.everywhere, headers=dict(scope)
                )
        return None

    def everywhere(self) -> Verdict | None:
        """Count one request against the global limit; a refusal, or None."""
        now = self._now()
        while self._everything and self._everything[0] <= now - 1:
            self._everything.popleft()
        if len(self._everything) >= GLOBAL_PER_SECOND:
            wait = self._everything[0] + 1 - now
            return Verdict(allowed=False, retry_after=wait, everywhere=True, headers=dict(_GLOBAL_SCOPE))
        self._everything.append(now)
        return None

    def take(self, route: str, major: str) -> Verdict:
        """Count one request to a message route of one channel or webhook."""
        now = self._now()
        started, used = self._started.get((route, major), (now, 0))
        if now >= started + self.window:
            started, used = now, 0
        reset_after = started + self.window - now
        allowed = used < self.limit
        self._started[route, major] = (started, used + allowed)
        headers = self._headers(route, remaining=max(self.limit - used - 1, 0), reset_after=reset_after)
        return Verdict(allowed=allowed, retry_after=0.0 if allowed else reset_after, headers=headers)

    def _headers(self, route: str, *, remaining: int, reset_after: float) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": f"{time.time() + reset_after:.3f}",
            "X-RateLimit-Reset-After": f"{reset_after:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(route.encode()).hexdigest()[:32],
        }

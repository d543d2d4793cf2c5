"""How often shards may log in: so many at a time every few seconds, and a thousand times a day."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.playground.world import JsonObject

DAY_SECONDS = 24 * 60 * 60
PER_DAY = 1000  # topics/gateway, session start limit; large bots get more
SECONDS = 5.0  # topics/gateway: max_concurrency shards every 5 seconds


class IdentifyLimits:
    """Counts logins: a shard's bucket is its number modulo ``max_concurrency``, and each takes one every ``seconds``.

    With 0 ``seconds`` nobody waits for another; only the day's count holds.
    """

    def __init__(
        self, *, max_concurrency: int = 1, seconds: float = SECONDS, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.max_concurrency = max_concurrency
        self.refused = 0
        self._seconds = seconds
        self._now = now
        self._last: dict[int, float] = {}
        self._today: list[float] = []

    def admit(self, shard: int) -> bool:
        """Whether this shard may log in now; it is counted where it may."""
        now, bucket = self._now(), shard % self.max_concurrency
        self._forget(now)
        last = self._last.get(bucket)
        if len(self._today) >= PER_DAY or (last is not None and now < last + self._seconds):
            self.refused += 1
            return False
        self._last[bucket] = now
        self._today.append(now)
        return True

    def json(self) -> JsonObject:
        """Give what ``/gateway/bot`` says of it."""
        now = self._now()
        self._forget(now)
        reset = self._today[0] + DAY_SECONDS - now if self._today else DAY_SECONDS
        return {
            "total": PER_DAY,
            "remaining": PER_DAY - len(self._today),
            "reset_after": int(reset * 1000),
            "max_concurrency": self.max_concurrency,
        }

    def _forget(self, now: float) -> None:
        while self._today and self._today[0] <= now - DAY_SECONDS:
            del self._today[0]

"""A clock that only moves when somebody waits, so that tests of waiting take no time."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.collect.pace import Pace


@dataclass(slots=True)
class QuickClock:
    """Time, and how long everybody waited for it."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    def now(self) -> float:
        """Give the seconds since the clock was made."""
        return self.seconds

    async def wait(self, seconds: float) -> None:
        """Note the wait and be there at once."""
        self.waits.append(seconds)
        self.seconds += seconds

    def pace(self, per_second: float = 1.0) -> Pace:
        """Give a pace that keeps to this clock."""
        return Pace(per_second, clock=self.now, wait=self.wait)

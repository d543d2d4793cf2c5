"""How fast a worker writes: seconds for a step by the number of rows, and seconds to read a prompt. Plain numbers."""

from __future__ import annotations

import math

MEMORY_SECONDS = 5.0
"""After so much work, an observation counts for a third: a machine that is shared changes its pace."""
WARMING_STEPS = 3
"""The first steps of a model, and its first prompt, take many times as long as all others and do not count."""
PRIOR_SLOPE = 0.05
"""What a row more is taken to add to a step with no rows, until steps with different rows were seen."""
PRIOR_WEIGHT = 4.0
"""How strongly: as much as steps whose numbers of rows have this variance."""
MEMORY_OF_BEGINNINGS = 0.9
"""What is left of a beginning after one more: about the last ten count."""


class Pace:
    """A straight line through the steps of late: seconds = start + slope * rows, by weighted least squares.

    Written by one worker's thread; others may read, and are at worst one step behind.
    """

    def __init__(self) -> None:
        self._weight = 0.0
        self._rows = self._seconds = 0.0  # weighted means
        self._variance = self._covariance = 0.0  # weighted, of rows, and of rows with seconds
        self._steps_to_pass_over = WARMING_STEPS
        self._first_beginning = True
        self._begin_seconds = 0.0
        self._beginnings = 0.0

    @property
    def known(self) -> bool:
        """Whether a step was seen that counts."""
        return self._weight > 0.0

    @property
    def begin_seconds(self) -> float:
        """Seconds in which a worker reads one prompt and writes nothing."""
        return self._begin_seconds

    def stepped(self, rows: int, seconds: float) -> None:
        """Note a step of so many rows; what else the worker did meanwhile counts, reading prompts excepted."""
        if self._steps_to_pass_over:
            self._steps_to_pass_over -= 1
            return
        self._weight = self._weight * math.exp(-seconds / MEMORY_SECONDS) + 1.0
        part = 1.0 / self._weight
        more_rows, more_seconds = rows - self._rows, seconds - self._seconds
        self._rows += part * more_rows
        self._seconds += part * more_seconds
        self._variance += part * ((1 - part) * more_rows * more_rows - self._variance)
        self._covariance += part * ((1 - part) * more_rows * more_seconds - self._covariance)

    def began(self, seconds: float) -> None:
        """Note that a prompt was read."""
        if self._first_beginning:
            self._first_beginning = False
            return
        self._beginnings = self._beginnings * MEMORY_OF_BEGINNINGS + 1.0
        self._begin_seconds += (seconds - self._begin_seconds) / self._beginnings

    def step_seconds(self, rows: int) -> float:
        """Give the probable seconds of a step with so many rows; 0 where nothing was seen yet."""
        expected_slope = PRIOR_SLOPE * self._seconds / (1 + PRIOR_SLOPE * self._rows)
        slope = (self._covariance + PRIOR_WEIGHT * expected_slope) / (self._variance + PRIOR_WEIGHT)
        # No step is faster with more rows, and none with fewer takes less than its share.
        slope = min(max(slope, 0.0), self._seconds / max(self._rows, 1.0))
        return self._seconds + slope * (rows - self._rows)

"""The arithmetic of the tables: medians, percentiles, ratios within a round. Plain numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.benchmarks.case import Case, Run
from tests.benchmarks.rounds import Results


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with its least and its greatest."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Take the spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one engine did with one case, over all rounds. Times in seconds."""

    runs: int
    speed: Spread
    """Tokens a second, of all stories together."""
    ratio: Spread | None
    """Times the baseline's speed in the same round; None where there is no such round."""
    first_words: float
    """Median over all stories."""
    p50: float
    """Of the time until a story's end, over all stories."""
    p95: float
    bandwidth_share: float | None
    """Part of what memory would allow; only for one story, where every token reads all weights."""
    resident_mb: float
    worked_out: bool
    """Whether only some stories were written, and the times of the others worked out."""


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the least value that so many percent of all values do not exceed (nearest rank). Raises ValueError."""
    if not values:
        raise ValueError("no values, no percentile")
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def paired_ratios(runs: Sequence[Run], baseline: Sequence[Run]) -> list[float]:
    """Divide speeds of the same round."""
    base = {run.case.round: run.speed for run in baseline}
    return [run.speed / base[run.case.round] for run in runs if run.case.round in base]


def figures_of(results: Results, setup: str, baseline: str, case: Case, limit: float | None) -> Figures | None:
    """Sum up the runs of a case; ``limit`` is the tokens a second that memory allows one story."""
    runs = results.of(setup, case)
    if not runs:
        return None
    times = [telling for run in runs for telling in run.times()]
    speed = Spread.of([run.speed for run in runs])
    ratios = paired_ratios(runs, results.of(baseline, case))
    return Figures(
        runs=len(runs),
        speed=speed,
        ratio=Spread.of(ratios) if ratios else None,
        first_words=percentile([telling.first for telling in times], 50),
        p50=percentile([telling.last for telling in times], 50),
        p95=percentile([telling.last for telling in times], 95),
        bandwidth_share=speed.median / limit if limit and case.stories == 1 else None,
        resident_mb=max(run.resident_mb for run in runs),
        worked_out=any(run.one_by_one for run in runs),
    )


def as_json(figures: Figures | None) -> dict[str, Any] | None:
    """Give the figures as plain JSON."""
    return None if figures is None else asdict(figures)

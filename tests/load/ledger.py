"""What became of everything that people did: counted, and as a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Deed:
    """One thing that a person did, and what they met. Times in seconds since they did it."""

    kind: str
    acknowledged: float | None = None
    first_words: float | None = None
    finished: float | None = None
    refused: str | None = None
    """The sentence, where the bot would not."""
    broke: bool = False
    """The sentence came in the place of a story that had begun."""
    lost: str | None = None
    """How it was lost, where there was no answer or no end to one."""


@dataclass(slots=True)
class Ledger:
    """All of it."""

    deeds: list[Deed] = field(default_factory=list)

    def begin(self, kind: str) -> Deed:
        """Open a line."""
        deed = Deed(kind=kind)
        self.deeds.append(deed)
        return deed

    def lines(self) -> Iterator[str]:
        """Give the tables, line by line."""
        kinds = Counter(deed.kind for deed in self.deeds)
        yield f"done: {len(self.deeds)} ({', '.join(f'{kind} {count}' for kind, count in kinds.most_common())})"
        yield f"{'seconds':20} {'count':>6} {'p50':>8} {'p95':>8} {'p99':>8} {'max':>8}"
        yield row("acknowledged", (deed.acknowledged for deed in self.deeds))
        told = [deed for deed in self.deeds if deed.first_words is not None]
        yield row("first words", (deed.first_words for deed in told))
        yield row("finished", (deed.finished for deed in told))
        yield row(
            "sentences, lists", (deed.finished for deed in self.deeds if deed.first_words is None and not deed.broke)
        )
        yield row("broken off", (deed.finished for deed in self.deeds if deed.broke))
        yield from _counted("lost", (deed.lost for deed in self.deeds))
        yield from _counted("refused with a sentence", (_without_numbers(deed.refused) for deed in self.deeds))


def row(name: str, values: Iterable[float | None], scale: float = 1.0) -> str:
    """Give percentiles as a line."""
    known = sorted(value * scale for value in values if value is not None)
    if not known:
        return f"{name:20} {0:6}"
    cells = " ".join(f"{percentile(known, part):8.3f}" for part in (0.5, 0.95, 0.99, 1.0))
    return f"{name:20} {len(known):6} {cells}"


def percentile(ordered: Sequence[float], part: float) -> float:
    """Give the value that so large a part is at or below; ``ordered`` from small to large."""
    return ordered[max(min(round(part * len(ordered)), len(ordered)) - 1, 0)]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Give the slope of the straight line through points, by least squares; 0 for fewer than two."""
    if len(points) < 2:
        return 0.0
    x_mean, y_mean = (sum(point[axis] for point in points) / len(points) for axis in (0, 1))
    spread = sum((x - x_mean) ** 2 for x, _ in points)
    return sum((x - x_mean) * (y - y_mean) for x, y in points) / spread if spread else 0.0


def _counted(name: str, found: Iterable[str | None]) -> Iterator[str]:
    counts = Counter(item for item in found if item is not None)
    yield f"{name}: {counts.total()}"
    yield from (f"  {count:5} x {item}" for item, count in counts.most_common())


def _without_numbers(sentence: str | None) -> str | None:
    """Let sentences be one that differ in a number or in an error's id only."""
    if sentence is None:
        return None
    return re.sub(r"\ba(?= second| minute)|\b\d[\d,.]*\b", "N", re.sub(r"`[0-9a-f]{6}`", "`…`", sentence)).strip()

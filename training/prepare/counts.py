"""What became of the works of a source: counts for the manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from training.prepared import SPLITS
from training.works import UNKNOWN, Work

NO_GENRE = "none"
"""Counts works that have none of the genres."""


@dataclass(slots=True)
class SourceCounts:
    """Counts of one source, made while its works are written."""

    dropped: Counter[str] = field(default_factory=Counter)
    """Works that were left out, by reason."""
    words: Counter[str] = field(default_factory=Counter)
    """By split."""
    unknown: int = 0
    """Works whose source does not say the genre."""
    licences: set[str] = field(default_factory=set)
    _main: dict[str, Counter[str]] = field(default_factory=lambda: {split: Counter[str]() for split in SPLITS})
    _all: Counter[str] = field(default_factory=Counter)
    _labelled_by: Counter[str] = field(default_factory=Counter)

    def add(self, split: str, work: Work) -> None:
        """Count a work that is kept."""
        self.words[split] += len(work.text.split())
        self.licences.add(work.licence)
        self.unknown += work.labelled_by == UNKNOWN
        self._count_label(split, work, 1)

    def relabel(self, split: str, before: Work, after: Work) -> None:
        """Count a work that was given a genre afterwards."""
        self._count_label(split, before, -1)
        self._count_label(split, after, 1)

    def described(self) -> Mapping[str, Any]:
        """Give the counts for the manifest; what was not met is not named."""
        return {
            "dropped": _met(self.dropped),
            "works": _met({split: genres.total() for split, genres in self._main.items()}),
            "words": _met(self.words),
            "genres": _met(sum(self._main.values(), Counter[str]())),
            "genres_by_split": {split: _met(genres) for split, genres in self._main.items() if genres.total()},
            "genres_in_all": _met(self._all),
            "labelled_by": _met(self._labelled_by),
            "licences": sorted(self.licences),
        }

    def _count_label(self, split: str, work: Work, by: int) -> None:
        self._main[split][work.genre or NO_GENRE] += by
        self._labelled_by[work.labelled_by if work.genre or work.labelled_by == UNKNOWN else "another genre"] += by
        for genre in work.genres:
            self._all[genre] += by


def _met(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}

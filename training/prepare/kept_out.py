"""Stories that must not be trained on, and whether a text has one of them in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from storygen.prompt import EOS, parse_prompt
from training.prepare.cleaning import clean
from training.prepare.duplicates import MOST_SHARED
from training.prepare.shingles import Fingerprint, fingerprint
from training.works import open_text


class KeptOut:
    """The test stories, each with all its runs of eight words: 12 bytes a word of them."""

    def __init__(self, stories: Iterable[str] = ()) -> None:
        prints = [fingerprint(clean(story)) for story in stories]
        each = [story.runs for story in prints]
        self._openings = {story.opening for story in prints}
        self._lengths = np.array([runs.size for runs in each], dtype=np.int64)
        together = np.concatenate([*each, np.empty(0, dtype=np.uint64)])
        owners = np.repeat(np.arange(len(each), dtype=np.int32), self._lengths)
        order = np.argsort(together, kind="stable")
        self._runs, self._owners = together[order], owners[order]

    def has(self, text: Fingerprint) -> bool:
        """Say whether the text begins like a story, consists in large part of stories, or has one of them in it."""
        if not self._lengths.size:
            return False
        if text.opening in self._openings:
            return True
        first, last = (np.searchsorted(self._runs, text.runs, side) for side in ("left", "right"))
        found = last > first
        return bool(found.mean() > MOST_SHARED) or self._has_one(first[found], last[found])

    def _has_one(self, first: Iterable[int], last: Iterable[int]) -> bool:
        hits = np.zeros_like(self._lengths)
        for start, end in zip(first, last, strict=True):
            hits[self._owners[start:end]] += 1
        return bool((hits > MOST_SHARED * self._lengths).any())


def read_examples(path: Path) -> Iterator[str]:
    """Give the texts of a file of rendered examples, ``<BOS> <genre> text <EOS>``, one a line.

    Raises TrainingError for a file that can't be read.
    """
    with open_text(path) as stream:
        for line in stream:
            yield parse_prompt(line.strip().removesuffix(EOS)).text

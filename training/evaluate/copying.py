"""What stories took word for word from the training texts.

The training texts are read once, one at a time, and looked up in an index of the stories' runs of words, which is
small; so memory does not grow with them. Runs are compared by 64-bit polynomial hashes (Karp and Rabin 1987): with
10^5 runs and 10^8 places a false match has a probability of about 10^-6.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from training.evaluate.bootstrap import interval
from training.evaluate.running_words import words_of

SHORTEST = 4
"""Words; shorter runs are not looked for."""
RUN = 8
"""Words of a run whose share is told."""
_TAKEN = 0.3
_BASE = np.uint64(0x9E3779B97F4A7C15)

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]


class RunIndex:
    """The runs of words of some stories, and which of them were met in other texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        words = [words_of(text) for text in texts]
        draw = random.Random(0)  # noqa: S311 - not for secrets
        self._codes = {word: draw.getrandbits(64) | 1 for word in dict.fromkeys(w for each in words for w in each)}
        self._stories = [self._coded(each) for each in words]
        self._growing = [_every_word(codes) for codes in self._stories]
        self._known: list[Hashes] = [np.empty(0, dtype=np.uint64)]
        """By length: the sorted hashes of the stories' runs."""
        self._met: list[npt.NDArray[np.bool_]] = [np.empty(0, dtype=np.bool_)]

    def read(self, text: str) -> None:
        """Look for the stories' runs in a text and remember which were met."""
        codes = self._coded(words_of(text))
        places, hashes = _every_word(codes)
        length = 1
        while places.size:
            if length >= SHORTEST:
                seen, where = self._look_up(hashes, length)
                self._met[length][where[seen]] = True
                places, hashes = places[seen], hashes[seen]
            places, hashes = _grown(codes, places, hashes, length)
            length += 1

    def longest(self) -> list[int]:
        """Give for each story the length in words of its longest run that was met; 0 where none of SHORTEST was."""
        return [max((length for length, hits in self._hits(codes) if hits.any()), default=0) for codes in self._stories]

    def shares(self, length: int = RUN) -> list[float]:
        """Give for each story the share of its runs of ``length`` words that were met; 0 for a shorter story."""
        return [
            next((float(hits.mean()) for each, hits in self._hits(codes) if each == length), 0.0)
            for codes in self._stories
        ]

    def _hits(self, codes: Hashes) -> Iterator[tuple[int, npt.NDArray[np.bool_]]]:
        """Give for every length that was looked for which of a story's runs were met."""
        places, hashes = _every_word(codes)
        for length in range(1, max(len(self._known), RUN + 1)):
            if not places.size:
                return
            if length >= SHORTEST:
                _, where = self._look_up(hashes, length)
                yield length, self._met[length][where]
            places, hashes = _grown(codes, places, hashes, length)

    def _look_up(self, hashes: Hashes, length: int) -> tuple[npt.NDArray[np.bool_], Places]:
        self._know(length)
        known = self._known[length]
        if not known.size:
            return np.zeros(hashes.size, dtype=np.bool_), np.zeros(hashes.size, dtype=np.intp)
        where = np.minimum(np.searchsorted(known, hashes), known.size - 1)
        return known[where] == hashes, where

    def _know(self, length: int) -> None:
        """Index the stories' runs up to a length; done when a text has one that long."""
        while len(self._known) <= length:
            found = [hashes for _, hashes in self._growing]
            self._known.append(np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.uint64))
            self._met.append(np.zeros(self._known[-1].size, dtype=np.bool_))
            self._growing = [
                _grown(codes, *growing, len(self._known) - 1)
                for codes, growing in zip(self._stories, self._growing, strict=True)
            ]

    def _coded(self, words: Sequence[str]) -> Hashes:
        """Give each word's number; 0, which no run may hold, for a word of no story."""
        return np.fromiter((self._codes.get(word, 0) for word in words), dtype=np.uint64, count=len(words))


def measure_copying(groups: Mapping[str, Sequence[str]], training: Iterable[str], seed: int) -> dict[str, Any]:
    """Give for each group of texts what of it stands in the training texts, which are read once, one at a time."""
    names = [name for name, texts in groups.items() if texts]
    index = RunIndex([text for name in names for text in groups[name]])
    for text in training:
        index.read(text)
    longest, shares = iter(index.longest()), iter(index.shares())
    return {"groups": {name: _figures([(next(longest), next(shares)) for _ in groups[name]], seed) for name in names}}


def _figures(stories: Sequence[tuple[int, float]], seed: int) -> dict[str, Any]:
    longest, shares = [run for run, _ in stories], np.array([share for _, share in stories])
    low, high = interval(lambda drawn: float(shares[drawn].mean()), len(stories), seed)
    return {
        "stories": len(stories),
        "longest_run_median": float(np.median(longest)),
        "longest_run_max": max(longest),
        "runs_found_mean": round(float(shares.mean()), 6),
        "interval": [round(low, 6), round(high, 6)],
        "runs_found_median": round(float(np.median(shares)), 6),
        "runs_found_max": round(float(shares.max()), 6),
        "with_a_run": round(float((shares > 0).mean()), 4),
        "taken": int((shares >= _TAKEN).sum()),
        "longest_runs": longest,
    }


def _every_word(codes: Hashes) -> tuple[Places, Hashes]:
    places = np.flatnonzero(codes)
    return places, codes[places]


def _grown(codes: Hashes, places: Places, hashes: Hashes, length: int) -> tuple[Places, Hashes]:
    """Make runs of ``length`` words one word longer; those that can't be are left out."""
    inside = places + length < codes.size
    places, hashes = places[inside], hashes[inside]
    following = codes[places + length]
    grows = following != 0
    return places[grows], hashes[grows] * _BASE + following[grows]

"""Find texts that say the same as an earlier text, word for word in large part, in memory that does not grow.

A text is a repeat where more than ``MOST_SHARED`` of its runs of eight words stood in earlier texts. That finds
a short plot inside a longer one, which MinHash, a measure of how alike two texts are as wholes, passes over.
The runs that were seen are kept in a Bloom filter: it has one size, never forgets a run, and at times takes a new
one for seen. ``false_share`` says how often; a hundredth does not matter where three tenths are asked for.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.prepare.shingles import Fingerprint, Hashes

MOST_SHARED = 0.3
"""A text with more than this share of its runs seen before is a near-duplicate."""

_ONE_IN = np.uint64(4)  # only every fourth run is kept, chosen by its hash: a quarter of the room, the same answer
_PLACES_EACH = 4
_BITS = 2**27  # 16 MiB: after 13 million kept runs (51 million words) 1 in 100 new runs is taken for seen


class SeenTexts:
    """Remembers texts by their opening and their runs of words."""

    def __init__(self, *, bits: int = _BITS) -> None:
        """Begin with no text. ``bits``, a power of two, is the size of the filter; eight are a byte."""
        self._openings: set[int] = set()
        self._filter = np.zeros(bits // 8, dtype=np.uint8)
        self._last_bit = np.uint64(bits - 1)

    def add(self, text: Fingerprint) -> None:
        """Remember a text."""
        self._openings.add(text.opening)
        byte, bit = self._places(_kept(text.runs))
        np.bitwise_or.at(self._filter, byte, bit)

    def has(self, text: Fingerprint) -> bool:
        """Say whether the text, or a large part of it, was added before."""
        if text.opening in self._openings:
            return True
        runs = _kept(text.runs)
        if not runs.size:
            return False
        byte, bit = self._places(runs)
        seen = ((self._filter[byte] & bit) != 0).all(axis=0)
        return bool(seen.mean() > MOST_SHARED)

    def false_share(self) -> float:
        """Give the share of new runs of words that are taken for seen ones, 0 to 1."""
        filled = float(np.bitwise_count(self._filter).sum(dtype=np.int64)) / (8 * self._filter.size)
        return filled**_PLACES_EACH

    def _places(self, hashes: Hashes) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.uint8]]:
        """Give the bytes and the bits in them that stand for each hash: two arrays of (places, hashes)."""
        step = (hashes >> np.uint64(32)) | np.uint64(1)
        places = hashes + step * np.arange(_PLACES_EACH, dtype=np.uint64)[:, np.newaxis] & self._last_bit
        bits = np.left_shift(np.uint8(1), (places & np.uint64(7)).astype(np.uint8))
        return (places >> np.uint64(3)).astype(np.intp), bits.astype(np.uint8)


def _kept(hashes: Hashes) -> Hashes:
    kept: Hashes = hashes[hashes % _ONE_IN == 0]
    return kept

"""What a text is compared by: its opening, and hashes of its runs of words. The same on every machine, in every run."""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RUN_WORDS = 8
"""Length of the runs of words that are compared."""
OPENING_LENGTH = 100
"""Letters and digits."""

Hashes = npt.NDArray[np.uint64]

_WORD = re.compile(r"[a-z0-9]+")
_BRACKETED = re.compile(r"\[[^\]]*\]")
# Odd numbers, one for each place in a run, so that the same words in another order have another hash.
_PLACES = np.array([pow(0x9E3779B97F4A7C15, place + 1, 2**64) for place in range(RUN_WORDS)], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is remembered of a text, and looked up for it."""

    opening: int
    """Hash of :func:`opening`."""
    runs: Hashes
    """Of :func:`run_hashes`."""


def fingerprint(text: str) -> Fingerprint:
    """Give the fingerprint of a text."""
    start = hashlib.blake2b(opening(text).encode(), digest_size=8).digest()
    return Fingerprint(int.from_bytes(start, "big"), run_hashes(text))


def opening(text: str) -> str:
    """Give the first 100 letters and digits, lower-cased, with bracketed text removed: one film, one opening."""
    start = text[: 10 * OPENING_LENGTH]  # all of a novel would take its time
    return "".join(filter(str.isalnum, _BRACKETED.sub("", start).lower()))[:OPENING_LENGTH]


def run_hashes(text: str) -> Hashes:
    """Give the sorted hashes of the text's runs of eight words; of the whole text where it is shorter."""
    words = _WORD.findall(text.lower())
    codes = np.array([zlib.crc32(word.encode()) for word in words], dtype=np.uint64)
    length = min(RUN_WORDS, len(words))
    runs = len(words) - length + 1
    sums = np.zeros(runs, dtype=np.uint64)
    for place in range(length):
        sums += codes[place : place + runs] * _PLACES[place]
    return np.unique(_mixed(sums))


def _mixed(values: Hashes) -> Hashes:
    """Spread the sums over all 64 bits (the last steps of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))

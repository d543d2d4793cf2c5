"""Find texts that say the same as an earlier text, word for word in large part."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

SHINGLE_WORDS = 8
"""Length of the runs of words that are compared."""
MOST_SHARED = 0.3
"""A text with more than this share of its runs seen before is a near-duplicate."""

_ONE_IN = 4  # only every fourth run is kept, chosen by its hash: a quarter of the memory, the same answer
_WORD = re.compile(r"[a-z0-9]+")
_BRACKETED = re.compile(r"\[[^\]]*\]")
_OPENING_LENGTH = 100


def opening(text: str) -> str:
    """Give the first 100 letters and digits, lower-cased, with bracketed text removed: one film, one opening."""
    kept = "".join(character for character in _BRACKETED.sub("", text).lower() if character.isalnum())
    return kept[:_OPENING_LENGTH]


def shingles(text: str) -> frozenset[int]:
    """Give hashes of a fixed sample of the runs of eight words. The same on every machine and in every run."""
    words = _WORD.findall(text.lower())
    runs = (" ".join(words[start : start + SHINGLE_WORDS]) for start in range(max(1, len(words) - SHINGLE_WORDS + 1)))
    hashes = (int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big") for run in runs)
    return frozenset(value for value in hashes if value % _ONE_IN == 0)


class SeenTexts:
    """Remembers texts by their opening and their shingles."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._openings: set[str] = set()
        self._shingles: set[int] = set()
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Remember a text."""
        self._openings.add(opening(text))
        self._shingles |= shingles(text)

    def __contains__(self, text: str) -> bool:
        """Say whether the text, or a large part of it, was added before."""
        if opening(text) in self._openings:
            return True
        own = shingles(text)
        return bool(own) and len(own & self._shingles) > MOST_SHARED * len(own)

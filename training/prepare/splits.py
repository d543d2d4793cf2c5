"""Which works are trained on and which are kept for measuring. All texts of one work go to the same split."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from training.prepared import TEST, TRAIN, VALIDATION
from training.works import Work

_BRACKETED = re.compile(r"\([^)]*\)")
_UNTITLED = frozenset({"", "unknown", "untitled"})


@dataclass(slots=True, kw_only=True)
class Splitter:
    """Gives each work its split, by a hash of its title and the seed, so that other works do not change it."""

    shares: Mapping[str, float]
    """For each source the share that goes to validation and, as much again, to test."""
    seed: int = 0
    _chosen: dict[int, str] = field(default_factory=dict)

    def split_of(self, work: Work) -> str:
        """Give the split. A title that was met before, in whatever source, goes where it went then."""
        key = work_key(work)
        short = int.from_bytes(_digest(key), "big")  # titles of a large table take room
        if short not in self._chosen:
            self._chosen[short] = self._draw(key, self.shares[work.source])
        return self._chosen[short]

    def _draw(self, key: str, share: float) -> str:
        place = int.from_bytes(_digest(f"{self.seed} {key}"), "big") / 2**64
        if place < share:
            return TEST
        return VALIDATION if place < 2 * share else TRAIN


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def work_key(work: Work) -> str:
    """Give what tells works apart: the title's letters and digits, or the text's hash where there is no title.

    The year is left out: films of one name are often the same story told again.
    """
    title = "".join(c for c in _BRACKETED.sub("", work.title).lower() if c.isalnum())
    return hashlib.blake2b(work.text.encode(), digest_size=16).hexdigest() if title in _UNTITLED else title

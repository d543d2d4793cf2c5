"""Texts as words, and runs of neighbouring words (n-grams)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_WORD = re.compile(r"\w+(?:['\u2019]\w+)*")


def words_of(text: str) -> list[str]:
    """Give the words without marks and case; ``don't`` is one word, ``well-known`` two."""
    return _WORD.findall(text.casefold())


def words_as_written(text: str) -> list[str]:
    """Give the words without marks, in the case that they have."""
    return _WORD.findall(text)


def runs(words: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    """Give every run of ``length`` neighbouring words; a shorter text has none."""
    return (tuple(words[start : start + length]) for start in range(len(words) - length + 1))


def first_words(text: str, count: int) -> str:
    """Cut a text after its first ``count`` words; a shorter one stays whole."""
    if count <= 0:
        return ""
    for number, match in enumerate(_WORD.finditer(text), start=1):
        if number == count:
            return text[: match.end()]
    return text

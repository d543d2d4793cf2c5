"""Say whether a text is let through, and if not, why: the built-in terms of a level and words of one's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from bot.moderation.folding import Folded
from bot.moderation.kinds import KINDS_OF, Kind, Level
from bot.moderation.patterns import REACH, compiled, disguised, near

TERMS_FILE = "terms.toml"
BEFORE_LENGTH = 300
"""So many characters of what stands above a text are looked at with it."""

_Patterns = tuple[tuple[Kind, re.Pattern[str]], ...]


class TextFilter:
    """Finds what is not let through. Make one with ``default_filter``."""

    def __init__(self, patterns: _Patterns) -> None:
        self._patterns = patterns

    def finds(self, text: str, before: str = "") -> Kind | None:
        """Say why a text is not let through; None where it is.

        ``before`` is what stands above it: a phrase may begin there, but what is all in there is no fault of the text.
        """
        folded = self.folded(before)
        above = len(folded.text)
        folded.add(text)
        folded.end()
        return self.looks_at(folded.text, above, above)

    @staticmethod
    def folded(before: str) -> Folded:
        """Give the end of what stands above a text, folded, so that the text can be added."""
        folded = Folded()
        folded.add(before[-BEFORE_LENGTH:])
        return folded

    def looks_at(self, folded: str, new: int, above: int) -> Kind | None:
        """Look through folded text of which everything before ``new`` was looked through already.

        What ends before ``above`` does not count.
        """
        for kind, pattern in self._patterns:
            place = max(new - REACH, 0)
            while (found := pattern.search(folded, place)) is not None:
                if found.end() > above and any(letter.isalpha() for letter in found[0]):  # 455 is no word
                    return kind
                place = found.start() + 1
        return None


@lru_cache(maxsize=256)
def default_filter(level: Level, own_words: tuple[str, ...] = ()) -> TextFilter:
    """Give the filter of a level, with words of one's own on top (``checked_word`` says what they may be)."""
    patterns = tuple((kind, pattern) for kind, pattern in _built_in() if kind in KINDS_OF[level])
    own = ((Kind.SERVER, compiled(own_words)),) if own_words else ()
    return TextFilter((*patterns, *own))


@lru_cache(maxsize=1)
def _built_in() -> _Patterns:
    terms = tomllib.loads(files("bot.moderation").joinpath(TERMS_FILE).read_text(encoding="utf-8"))
    return tuple(pattern for kind in Kind if kind.value in terms for pattern in _of_kind(kind, terms[kind.value]))


def _of_kind(kind: Kind, terms: dict[str, Iterable[str]]) -> _Patterns:
    found = []
    if "terms" in terms:
        found.append((kind, compiled(terms["terms"])))
    if "disguised" in terms:
        found.append((kind, disguised(terms["disguised"])))
    if "these" in terms:
        found.append((kind, near(terms["these"], terms["near"])))
    return tuple(found)

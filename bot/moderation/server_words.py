"""Words that a server adds to the filter: what they may be."""

from __future__ import annotations

import re

from bot.moderation.folding import fold

SERVER_WORD_LIMIT = 100
"""How many words one server may add."""
SERVER_WORD_LENGTH = 50
"""Greatest length in characters of a word or phrase."""
LEAST_LETTERS = 2
LEAST_LETTERS_WITH_STAR = 3
"""``a*`` would be half of the language."""

_WORD = re.compile(r"\*?[^\W_]+\*?")


def checked_word(typed: str) -> str | None:
    """Give a word or phrase as it is kept: in lower case, its words with one space between; None for none.

    There are letters in it, and perhaps digits; ``*`` at the beginning or end of a word stands for any letters.
    It is never read as a regular expression.
    """
    parts = re.sub(r"[-'\u2019_]", " ", typed.casefold()).split()
    if not any(letter.isalpha() for letter in fold(typed)) or any(_WORD.fullmatch(part) is None for part in parts):
        return None
    if any(len(fold(part.strip("*"))) < _least(part) for part in parts if len(parts) == 1 or "*" in part):
        return None
    word = " ".join(parts)
    return word if len(word) <= SERVER_WORD_LENGTH else None


def _least(part: str) -> int:
    return LEAST_LETTERS_WITH_STAR if "*" in part else LEAST_LETTERS

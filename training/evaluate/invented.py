"""Words that no human text at hand has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from training.evaluate.running_words import words_as_written

_POSSESSIVE = re.compile(r"'s?\Z")
_SHOWN = 20


def plain_form(word: str) -> str:
    """Give a word in lower case, with a straight apostrophe, and without a possessive ending."""
    return _POSSESSIVE.sub("", word.casefold().replace("\u2019", "'"))


def unknown_forms(groups: Iterable[Sequence[str]], human: Iterable[str]) -> set[str]:
    """Give the forms of words in the groups that stand in no human text. Reads one human text at a time."""
    unknown = {plain_form(word) for texts in groups for text in texts for word in words_as_written(text)}
    for text in human:
        unknown -= {plain_form(word) for word in words_as_written(text)}
    return unknown


def measure_invented(groups: Mapping[str, Sequence[str]], human: Iterable[str]) -> dict[str, Any]:
    """Give for each group of texts the share of words that stand in no human text.

    Words in lower case are ``invented``; those with a capital are mostly names, which may be new, and stand apart
    as ``new_names``. Words with digits count for neither.
    """
    unknown = unknown_forms(groups.values(), human)
    return {"groups": {name: _shares(texts, unknown) for name, texts in groups.items() if texts}}


def _shares(texts: Sequence[str], unknown: set[str]) -> dict[str, Any]:
    words = [word for text in texts for word in words_as_written(text) if not any(map(str.isdigit, word))]
    small = [word for word in words if word.islower()]
    capital = [word for word in words if word[0].isupper()]
    invented = Counter(word for word in small if plain_form(word) in unknown)
    new_names = sum(plain_form(word) in unknown for word in capital)
    return {
        "words": len(small),
        "invented": round(invented.total() / max(1, len(small)), 5),
        "stories_with_one": round(sum(_has_one(text, unknown) for text in texts) / len(texts), 4),
        "commonest": [word for word, _ in sorted(invented.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]],
        "capitalised_words": len(capital),
        "new_names": round(new_names / max(1, len(capital)), 5),
    }


def _has_one(text: str, unknown: set[str]) -> bool:
    return any(
        word.islower() and not any(map(str.isdigit, word)) and plain_form(word) in unknown
        for word in words_as_written(text)
    )

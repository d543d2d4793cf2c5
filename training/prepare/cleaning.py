"""Make a raw text fit for training: one break between paragraphs, no wiki marks, no control tokens, no slurs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from storygen.genre import ORIGINAL_GENRES, Genre
from storygen.prompt import clean_text
from training.prepare.slurs import SLURS

_WIKI_MARKS = re.compile(
    r"\[(?:\d{1,3}|[a-z]|note \d+|nb \d+|N \d+)\]|\[\s*(?:citation|clarification) needed\s*\]", re.IGNORECASE
)
_BREAKS = re.compile(r"(?<!\s)\s*[\r\n\u2028\u2029\u0085]+\s*")
_SPACE_BEFORE_STOP = re.compile(r"(?<! ) +([,.;!?])")
_SLUR = re.compile(rf"\b(?:{'|'.join(SLURS)})(?:s|es|y|ish)?\b", re.IGNORECASE)
_CURLY = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": " - ",
        "\u2026": "...",
        "\u00a0": " ",
    }
)


def clean(text: str, genres: Iterable[Genre] = ORIGINAL_GENRES) -> str:
    """Give the text with one line break between paragraphs and straight quotes, as the original plots are written.

    The tokens of ``genres`` and the other control tokens are taken out.
    """
    text = _WIKI_MARKS.sub("", text.translate(_CURLY))
    text = clean_text(_BREAKS.sub("\n", text), genres)
    return _SPACE_BEFORE_STOP.sub(r"\1", text)


def clean_title(title: str, genres: Iterable[Genre] = ORIGINAL_GENRES) -> str:
    """Give the title cleaned like a text, in one line."""
    return " ".join(clean(title, genres).split())


def without_slurs(text: str) -> str:
    """Leave out every paragraph that has a slur in it; may leave nothing."""
    return "\n".join(paragraph for paragraph in text.split("\n") if not has_slur(paragraph))


def has_slur(text: str) -> bool:
    """Say whether a word of the list stands in the text."""
    return _SLUR.search(text) is not None

"""Tidy a story for showing: end at a sentence, drop what is no text, mend its spaces. Plain functions on text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DOT_ENDS = ".\uff0e"
# Full stops of scripts that put a space behind a sentence: Latin, Arabic, Urdu, Devanagari, Armenian, Ethiopic, Khmer.
_SPACED_ENDS = (
    _DOT_ENDS + "!?\u2026\u203c\u2047\u2048\u2049\u061f\u06d4\u0964\u0965\u0589\u1362\u1367\u1368\u17d4\u17d5"
)
# Scripts that put none: Chinese, Japanese, Burmese.
_TIGHT_ENDS = "\u3002\uff01\uff1f\uff61\u104b"
_CLOSERS = "\"'\u2019\u201d\u00bb\u203a)]}\u300d\u300f\uff09\u3011\u300b\u3009*_"

# Each run of marks is tried once and as a whole (?<!, ++): else a line of exclamation marks takes seconds.
_END = re.compile(
    rf"(?<![{_TIGHT_ENDS}{_SPACED_ENDS}])[{_TIGHT_ENDS}{_SPACED_ENDS}]*[{_TIGHT_ENDS}][{re.escape(_CLOSERS)}]*+"
    rf"|(?<![{_SPACED_ENDS}])[{_SPACED_ENDS}]++[{re.escape(_CLOSERS)}]*+(?=\s|\Z)"
)
_LAST_WORD = re.compile(r"([^\W\d_]+)\Z")
_ABBREVIATIONS = re.compile(
    "Mr|Mrs|Ms|Mx|Dr|Prof|St|Sr|Jr|Lt|Col|Gen|Capt|Cpt|Cmdr|Sgt|Cpl|Pvt|Maj|Adm|Rev|Fr|Hon|Gov|Sen|Rep|Pres|Mt|Ft|vs"
)
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffd]")
_FOOTNOTE = re.compile(
    r"\[(?:\d{1,3}|[a-z]|(?:note|nb|n|lower-alpha)\s+\d{1,3}|(?:citation|clarification)\s+needed)\]", re.IGNORECASE
)
_NOT_SPACE = re.compile(r"\S")
_SPACES = re.compile(r"[^\S\n]+")
_SPACE_AROUND_BREAK = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACE_BEFORE_STOP = re.compile(r"(?<=\S) (?=[,.;:!?](?:\s|\Z))")


def polish(text: str) -> str:
    """Do all of it: what a person is shown when a story has ended. A space at the beginning is kept, as one space."""
    return finish_at_sentence(tidy_spaces(drop_footnote_marks(drop_broken_characters(text))))


def sentence_ends(text: str) -> Iterator[int]:
    """Give the places right behind each whole sentence, closing quotes included.

    A dot as in ``Dr.`` or of an initial ends nothing, nor does a mark before a small letter (``"Stop!" he said``).
    """
    for match in _END.finditer(text):
        if not _goes_on(text, match.end()) and not _is_abbreviation(text, match):
            yield match.end()


def finish_at_sentence(text: str) -> str:
    """Cut after the last whole sentence; text without one stays, less the space behind it."""
    word = next((place for place, character in enumerate(text) if character.isalnum()), len(text))
    end = max((end for end in sentence_ends(text) if end > word), default=None)
    return text.rstrip() if end is None else text[:end]


def drop_broken_characters(text: str) -> str:
    """Take out what is no text: a model writes bytes, so it may stop within a character or write a terminal's controls.

    Half characters (U+FFFD, lone surrogates), controls save for line breaks and tabs, and what turns the direction of
    reading go.
    """
    return _NO_TEXT.sub("", text)


def drop_footnote_marks(text: str) -> str:
    """Take out what Wikipedia leaves behind: ``[1]``, ``[a]``, ``[note 2]``, ``[citation needed]``."""
    while (without := _FOOTNOTE.sub("", text)) != text:
        text = without
    return text


def tidy_spaces(text: str) -> str:
    """Make runs of spaces one, drop those at line ends and before a stop, and keep at most one blank line."""
    text = _SPACE_AROUND_BREAK.sub("\n", _SPACES.sub(" ", text))
    text = _SPACE_BEFORE_STOP.sub("", _BLANK_LINES.sub("\n\n", text))
    return text.rstrip()


def _goes_on(text: str, end: int) -> bool:
    following = _NOT_SPACE.search(text, end)
    return following is not None and following[0].islower()


def _is_abbreviation(text: str, end: re.Match[str]) -> bool:
    if end[0][0] not in _DOT_ENDS or len(end[0].rstrip(_CLOSERS)) > 1:
        return False
    word = _LAST_WORD.search(text, max(0, end.start() - 12), end.start())
    if word is None:
        return False
    is_initial = len(word[1]) == 1 and word[1].isupper() and word[1] != "I"
    return is_initial or _ABBREVIATIONS.fullmatch(word[1]) is not None

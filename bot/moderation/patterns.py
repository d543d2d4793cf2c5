"""From a term as people write it in a list to the pattern that finds it in folded text, however it is disguised.

A term is one word or a few:

- ``word`` is that word alone, ``word*`` with any ending, ``*word`` with any beginning;
- ``(one|other)`` is either, ``(one)?`` may be missing, ``...`` stands for up to three words.

Every word is found with signs and digits that look like its letters (sh1t, f*ck) and with letters repeated; a word that
is a term by itself also with signs between its letters (f.u.c.k) and with its letters apart (f u c k).

Nothing here reaches further than ``REACH`` folded characters, so a text can be looked through piece by piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.moderation.folding import fold

REACH = 340
"""Longest stretch of folded text that a pattern may need to see: a server's longest word with its letters apart."""
LEAST_LETTERS = 3
"""A shorter word is not looked for in pieces: it is a piece of too many things."""
WORD_REACH = 40
"""Longest ending or beginning that ``*`` stands for."""

NEAR = 45
"""Characters between two terms that are harmful together."""

_LOOKALIKES = {
    "a": "4@*",
    "b": "8",
    "c": "*",
    "e": "3*",
    "g": "69",
    "i": "1!|*",
    "l": "1|",
    "o": "0*",
    "s": "5$",
    "t": "7+",
    "u": "*",
    "z": "2",
}
_EDGE = r"(?<!\w)"
_END = r"(?!\w)"
_JOINT = r"[^\w; ]{0,2}"
_APART = r"[^\w]{1,4}"
_BETWEEN_WORDS = r"[^\w;]{1,4}"
_PART = re.compile(r"(\*?)([^\W_]+)(\*?)$")


def compiled(terms: Iterable[str]) -> re.Pattern[str]:
    """Give one pattern for all ``terms``. Raises ValueError for one that is written in another way."""
    return re.compile(_any_of(terms))


def disguised(words: Iterable[str]) -> re.Pattern[str]:
    """Give a pattern for ``words`` that are harmless as such: they are found only where they are disguised."""
    plain = "|".join(sorted(set(words)))
    return re.compile(rf"{_EDGE}(?!(?:{plain}){_END}){_any_of(words)}")


def near(ones: Iterable[str], others: Iterable[str]) -> re.Pattern[str]:
    """Give a pattern for one of ``ones`` and one of ``others`` in the same sentence, about eight words apart."""
    one, other = _any_of(ones), _any_of(others)
    gap = rf"{_END}[^;]{{1,{NEAR}}}?"
    return re.compile(f"{one}{gap}{other}|{other}{gap}{one}")


def _any_of(terms: Iterable[str]) -> str:
    """Give a pattern for any of ``terms``, sorted by their first letters: a word is looked up, not tried with each."""
    inside: dict[str, list[str]] = {}
    anywhere = []
    for term in sorted({way for each in terms for way in _by_first_word(each)}):
        if term.startswith("*"):
            anywhere.append(_term(term))
        else:
            first = _letter(fold(term)[0].lower())
            inside.setdefault(first, []).append(_term(term).removeprefix(first))
    words = "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in inside.items())
    return f"(?:{'|'.join([*([f'{_EDGE}(?:{words})'] if words else []), *anywhere])})"


def _by_first_word(term: str) -> list[str]:
    """Give a term that begins in several ways as several terms."""
    ways, rest = re.match(r"(?:\(([^)]*)\))?(.*)", term, re.DOTALL).groups()  # type: ignore[union-attr]
    return [f"{way}{rest}" for way in ways.split("|")] if ways else [term]


def _term(term: str) -> str:
    parts, before = [], ""
    if _PART.match(term):
        return f"{_starred(term, alone=True)}{_END}"
    for part in re.findall(r"\([^)]*\)\??|\S+", term):
        if part == "...":
            before = rf"{_BETWEEN_WORDS}(?:[^ ;]{{1,20}}{_BETWEEN_WORDS}){{0,3}}?"
            continue
        words = _either(part)
        parts.append(f"(?:{before}{words}{_END})?" if part.endswith(")?") else f"{before}{words}{_END}")
        before = _BETWEEN_WORDS
    return "".join(parts)


def _either(part: str) -> str:
    words = part.removesuffix("?").strip("()").split("|")
    phrases = [f"{_END}{_BETWEEN_WORDS}".join(map(_starred, word.split())) for word in words]
    return phrases[0] if len(phrases) == 1 else f"(?:{'|'.join(phrases)})"


def _starred(word: str, *, alone: bool = False) -> str:
    found = _PART.match(word)
    if found is None:
        raise ValueError(word)
    before, letters, after = found.groups()
    found_word = _disguised_word(letters) if alone else _word(letters)
    ending = rf"\w{{0,{WORD_REACH}}}" if after else ""
    return rf"\w{{0,{WORD_REACH}}}{found_word}{ending}" if before else f"{found_word}{ending}"


def _word(word: str) -> str:
    return "".join(_repeated(*group) for group in _groups(word))


def _disguised_word(word: str) -> str:
    """Give the pattern of one word: joined, perhaps with signs in it, or with all its letters apart."""
    groups = _groups(word)
    if len(groups) < LEAST_LETTERS:
        return _word(word)
    first = _letter(groups[0][0])
    joined = _JOINT.join(_repeated(*group) for group in groups).removeprefix(first)
    apart = "".join(f"{_APART}{_letter(letter)}" for letter in "".join(one + two for one, two in groups)[1:])
    return f"{first}(?:{joined}|{apart})"


def _groups(word: str) -> list[tuple[str, str]]:
    """Give the letters of a word, each with its repetition where it stands twice."""
    return re.findall(r"(.)(\1?)", fold(word).lower())


def _repeated(letter: str, again: str) -> str:
    """Give the pattern of a letter that is there once or twice; twice where the word has it twice."""
    return f"{_letter(letter)}{_letter(again) if again else _letter(letter) + '?'}"


def _letter(letter: str) -> str:
    """Give the class of all that may stand for a letter."""
    if not letter.isascii() or letter.isdigit():
        return f"[{re.escape(letter)}]"
    return f"[{letter}{letter.upper()}{re.escape(_LOOKALIKES.get(letter, ''))}]"

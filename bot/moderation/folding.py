"""Text as the filter reads it: disguises taken off, one character after the other, so that it can be read in pieces.

What comes out has these characters and no others:

- a letter of the Latin alphabet as it was typed, in lower case; in UPPER case where something else stood for it
  (a Cyrillic or mathematical look-alike, a letter with an accent) or something unseen was in front of it, so that a
  rule can still tell,
- digits, and letters of other alphabets, as they are,
- signs that can stand for a letter (``SIGNS``), and ``.`` for every other sign between two letters,
- one space between words, ``;`` between sentences.

Characters that nobody sees are gone, and of a letter that is repeated two are left.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import disarm

SIGNS = "@$!|*+"
"""Signs that people write for letters."""
_DASHES = "\u2013\u2014\u2015\u2026"  # they part words; a hyphen may stand in the middle of one
_JOINT = 2  # so many signs between two letters may still be within a word
_SENTENCE_ENDS = frozenset(".!?\u2026")
_UNSEEN = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn"})
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")  # letters and a pattern that look like nothing
_FLAG_LETTERS = "\U0001f1e6\U0001f1ff"  # the first and the last of those that flags are made of


_PLAIN_OR_NOT = re.compile(r"([A-Za-z0-9]+)|[^A-Za-z0-9]+")
_THREE_OR_MORE = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)


class Folded:
    """Text that was folded, to which more can be added; the pieces may be cut anywhere."""

    def __init__(self) -> None:
        self.text = ""
        self._run = ""  # what stands between the last letter and the next, as it was typed
        self._unseen = False  # whether something that nobody sees stands there

    def add(self, text: str) -> None:
        """Add more text. What stands between words appears only when the next word begins, or at the ``end``."""
        added: list[str] = []
        for stretch in _PLAIN_OR_NOT.finditer(text):
            if stretch[1]:  # most of all texts
                self._put(stretch[1].lower(), added)
                continue
            for character in stretch[0]:
                folded = _folded(character)
                if folded is None:
                    self._run += character
                elif folded:
                    self._put(folded, added)
                else:
                    self._unseen = True
        last = self.text[-2:]
        self.text += _THREE_OR_MORE.sub(lambda run: run[0][:2], last + "".join(added))[len(last) :]

    def end(self) -> None:
        """Say that no more letters come for now: what stands after the last word is there as well."""
        if self._run:
            self.text += _between(self._run)
            self._run = ""

    def _put(self, letters: str, added: list[str]) -> None:
        if self._run:
            added.append(_between(self._run))
        elif self._unseen:
            letters = letters[0].upper() + letters[1:]
        self._run, self._unseen = "", False
        added.append(letters)


def fold(text: str) -> str:
    """Fold a whole text."""
    folded = Folded()
    folded.add(text)
    folded.end()
    return folded.text


@lru_cache(maxsize=4096)
def _folded(character: str) -> str | None:
    """Give what a character is read as; empty where nobody sees it, None where it stands between words."""
    if character.isspace() or character in _DASHES:
        return None
    if character in _FILLERS or unicodedata.category(character) in _UNSEEN:
        return ""
    if _FLAG_LETTERS[0] <= character <= _FLAG_LETTERS[1]:
        return chr(ord("A") + ord(character) - ord(_FLAG_LETTERS[0]))
    if character.isascii():
        return None
    plain = "".join(each for each in disarm.strip_obfuscation(character) if each.isalnum())
    plain = plain or "".join(each for each in unicodedata.normalize("NFKD", character) if each.isalnum())
    return "".join(_marked(each) for each in plain) or None


def _marked(letter: str) -> str:
    """Give a letter that another character stood for: Latin in upper case, any other as it is."""
    return letter.upper() if letter.isascii() else letter.casefold()


@lru_cache(maxsize=1024)
def _between(run: str) -> str:
    """Give what is left of the signs and spaces between two letters."""
    places = [place for place, character in enumerate(run) if character.isspace() or character in _DASHES]
    if not places:
        return _signs(run) if len(run) <= _JOINT else " "
    before, middle, after = run[: places[0]], run[places[0] : places[-1] + 1], run[places[-1] + 1 :]
    ends = any(character in _SENTENCE_ENDS for character in before + middle) or "\n" in middle
    return _kept(before) + (";" if ends else " ") + _kept(after)


def _signs(run: str) -> str:
    return "".join(character if character in SIGNS else "." for character in run)


def _kept(signs: str) -> str:
    """Give the signs of a word's edge that could be letters, at most two."""
    return "".join(character for character in signs if character in SIGNS)[:_JOINT]

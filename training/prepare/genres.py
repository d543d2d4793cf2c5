"""The table of genres: their names, and the words of a film table's free genre text that mean them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storygen.genre import Genre
from training.works import OTHERWISE, UNKNOWN, WORDS

ALL, FIRST = "all", "first"
RULES = (ALL, FIRST)
"""Every genre with a word in the text; or one alone, the first that matches, as in the original model's data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenreEntry:
    """One genre of the table."""

    genre: Genre
    """Its name and what people read."""
    words: tuple[str, ...]
    """Lower-case; one of them in the genre text means this genre."""
    also: tuple[str, ...] = ()
    """Mean it under the rule ``all`` only: with the other rule they would take works from a later genre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The genres of a work and how they were found."""

    genres: tuple[str, ...]
    """Names; the main one first. Empty where there is none."""
    found_by: str
    """``words``, ``otherwise`` or ``unknown``; see ``training.works``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenreTable:
    """Turns raw genre text such as ``crime, film noir`` into genres."""

    entries: tuple[GenreEntry, ...]
    """Those with the narrowest meaning first: the main genre is the first one that a text names."""
    rule: str = ALL
    """One of ``RULES``."""
    otherwise: str = ""
    """Genre of a text in which no word occurs; empty for none."""
    unknown: frozenset[str] = frozenset({"", "unknown"})
    """Lower-case genre texts that say nothing."""
    first_match: tuple[str, ...] = ()
    """Order for the rule ``first``; genres that are not named come before these."""

    @property
    def genres(self) -> tuple[Genre, ...]:
        """Give the genres in the order in which people are offered them."""
        return tuple(entry.genre for entry in self.entries)

    @property
    def names(self) -> tuple[str, ...]:
        """Give the genres' names."""
        return tuple(genre.name for genre in self.genres)

    def label(self, raw: str) -> Label:
        """Give the genres that a raw genre text means."""
        text = raw.strip().lower()
        if text in self.unknown:
            return Label(genres=(), found_by=UNKNOWN)
        found = tuple(self._found(text))
        if found:
            return Label(genres=found if self.rule == ALL else found[:1], found_by=WORDS)
        return Label(genres=(self.otherwise,) if self.otherwise else (), found_by=OTHERWISE)

    def described(self) -> Mapping[str, Any]:
        """Give what the manifest tells of the table."""
        words = {entry.genre.name: list(self._words(entry)) for entry in self.entries}
        return {"rule": self.rule, "otherwise": self.otherwise, "unknown": sorted(self.unknown), "words": words}

    def _found(self, text: str) -> Iterator[str]:
        for entry in self.entries if self.rule == ALL else self._by_first_match():
            if any(word in text for word in self._words(entry)):
                yield entry.genre.name

    def _words(self, entry: GenreEntry) -> tuple[str, ...]:
        return entry.words + entry.also if self.rule == ALL else entry.words

    def _by_first_match(self) -> list[GenreEntry]:
        place = {name: number for number, name in enumerate(self.first_match)}
        return sorted(self.entries, key=lambda entry: place.get(entry.genre.name, -1))

"""The words of one language, as its file gives them: each English text beside its translation, sorted by place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType


class Place(StrEnum):
    """Where in the commands a text stands; the tables of a file are called so."""

    OPTION_NAME = "option_names"
    DESCRIPTION = "descriptions"
    CHOICE = "choices"
    MENU = "menus"


Wordbook = Mapping[Place, Mapping[str, str]]


def read_wordbook(language: str) -> Wordbook:
    """Read the file of a language that comes with the program, such as ``de``."""
    return parse_wordbook(files("bot.translations").joinpath(f"{language}.toml").read_text(encoding="utf-8"))


def parse_wordbook(text: str) -> Wordbook:
    """Give the tables of a file. Raises ValueError where it is no TOML or has anything else in it."""
    found = tomllib.loads(text)
    if set(found) != set(Place):
        raise ValueError(f"a file of translations has the tables {', '.join(Place)}; this one has {', '.join(found)}")
    return MappingProxyType({place: _words(place, found[place]) for place in Place})


def _words(place: Place, table: object) -> Mapping[str, str]:
    if not isinstance(table, dict):
        raise ValueError(f"{place} is no table")  # noqa: TRY004 - the file is wrong, not the call
    wrong = [english for english, words in table.items() if not isinstance(words, str) or not words]
    if wrong:
        raise ValueError(f"in {place} these have no translation: {', '.join(wrong)}")
    return MappingProxyType(table)

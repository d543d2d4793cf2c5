"""Read a table of genres from TOML, and say in a sentence what is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from storygen.genre import Genre
from storygen.prompt import CONTROL_TOKENS, is_genre_name
from training.errors import TrainingError
from training.prepare.genres import ALL, RULES, GenreEntry, GenreTable

_Value = TypeVar("_Value", str, list[Any])
_KINDS = {str: "a text", list: "a list"}

DEFAULT_TABLE = Path(__file__).with_name("genres.toml")
"""The six genres of the original model."""

_FIELDS = frozenset({"rule", "otherwise", "unknown", "first_match", "genres"})
_ENTRY_FIELDS = frozenset({"name", "label", "words", "also"})
_CONTROL_NAMES = frozenset(token.strip("<|>").lower() for token in CONTROL_TOKENS)


def read_genre_table(path: Path = DEFAULT_TABLE, *, rule: str | None = None) -> GenreTable:
    """Read a table; ``rule`` stands in for the file's own. Raises TrainingError where it can't be read or used."""
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainingError(f"The table of genres {path} can't be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TrainingError(f"The table of genres {path} is not valid TOML: {error}.") from error
    try:
        table = _table_from(fields)
    except ValueError as error:
        raise TrainingError(f"The table of genres {path} can't be used: {error}.") from error
    return replace(table, rule=rule) if rule else table


def _table_from(fields: Mapping[str, Any]) -> GenreTable:
    _no_others(fields, _FIELDS, "the table")
    raw = _get(fields, "genres", list, [])
    if not raw or not all(isinstance(entry, dict) for entry in raw):
        raise ValueError("it needs [[genres]], one for each genre")
    table = GenreTable(
        entries=tuple(_entry_from(entry) for entry in raw),
        rule=_get(fields, "rule", str, ALL),
        otherwise=_get(fields, "otherwise", str, ""),
        unknown=frozenset(_lowered(fields, "unknown", ["", "unknown"])),
        first_match=tuple(_lowered(fields, "first_match", [])),
    )
    _check(table)
    return table


def _entry_from(fields: Mapping[str, Any]) -> GenreEntry:
    name = _get(fields, "name", str, "")
    if not is_genre_name(name):
        raise ValueError(f"{name!r} is no genre's name (a lower-case letter, then letters, digits and _)")
    if name in _CONTROL_NAMES:
        raise ValueError(f"a genre can't be named {name}, a word that the prompt format has taken")
    _no_others(fields, _ENTRY_FIELDS, f"the genre {name}")
    label = _get(fields, "label", str, "").strip()
    if not label or not label.isprintable():
        raise ValueError(f"the genre {name} needs a label, what people read")
    words, also = _lowered(fields, "words", []), _lowered(fields, "also", [])
    if not all(word.strip() for word in (*words, *also)):
        raise ValueError(f"the genre {name} has an empty word, which would be found in every text")
    return GenreEntry(genre=Genre(name, label), words=tuple(words), also=tuple(also))


def _check(table: GenreTable) -> None:
    if table.rule not in RULES:
        raise ValueError(f"its rule is {table.rule!r} and must be one of {', '.join(RULES)}")
    for what, named in (("name", table.names), ("label", [genre.label.lower() for genre in table.genres])):
        if twice := sorted({name for name in named if named.count(name) > 1}):
            raise ValueError(f"two genres have the {what} {twice[0]}")
    for field, named in (
        ("otherwise", [table.otherwise] if table.otherwise else []),
        ("first_match", table.first_match),
    ):
        if strange := [name for name in named if name not in table.names]:
            raise ValueError(f"{field} names {strange[0]}, which is none of its genres")


def _no_others(fields: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    if unknown := sorted(set(fields) - known):
        raise ValueError(f"{where} has the unknown field {unknown[0]}")


def _get(fields: Mapping[str, Any], name: str, kind: type[_Value], default: _Value) -> _Value:
    value = fields.get(name, default)
    if isinstance(value, kind):
        return value
    raise ValueError(f"{name} must be {_KINDS[kind]}")


def _lowered(fields: Mapping[str, Any], name: str, default: list[Any]) -> list[str]:
    values = _get(fields, name, list, default)
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} must be a list of texts")
    return [value.lower() for value in values]

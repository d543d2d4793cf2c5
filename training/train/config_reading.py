"""From what a TOML file holds to a dataclass; what is wrong with a value is said in words."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, TypeVar

_Config = TypeVar("_Config")

_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text in quotes",
    "tuple_type": "a list",
    "mapping_type": "a table such as {{ movie_plots = 1 }}",
    "dict_type": "a table such as {{ movie_plots = 1 }}",
    "dataclass_type": "a table of its own",
    "literal_error": "{expected}",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than_equal": "at most {le:g}",
}


def construct(kind: type[_Config], fields: Mapping[str, Any], *, parts: Mapping[str, type[Any]]) -> _Config:
    """Make the dataclass ``kind``; ``parts`` names fields that are lists of dataclasses of their own.

    Raises ValueError, with a part of a sentence, for an unknown or missing field and for the first wrong value.
    """
    from pydantic import TypeAdapter, ValidationError

    _require_known(kind, fields)
    for name, part in parts.items():
        listed = fields.get(name)
        for each in listed if isinstance(listed, list) else []:
            _require_known(part, each)
    try:
        # Read as JSON a list may become a tuple and a table a dataclass, while everything else stays strict.
        return TypeAdapter(kind).validate_json(json.dumps(fields, default=str), strict=True)
    except ValidationError as error:
        raise ValueError(_sentence(error.errors(include_url=False)[0])) from error


def _require_known(kind: type[Any], fields: object) -> None:
    known = {field.name for field in dataclasses.fields(kind)}
    if isinstance(fields, Mapping) and (unknown := sorted(set(fields) - known)):
        raise ValueError(f"there is no field {', '.join(unknown)} in {kind.__name__}")


def _sentence(error: Any) -> str:  # noqa: ANN401 - pydantic's own typed dictionary
    name = _place(error["loc"])
    if error["type"] == "missing":
        return f"{name} is missing"
    expected = _EXPECTED.get(error["type"])
    if expected is None:
        return f"{name}: {error['msg']}"
    return f"{name} must be {expected.format(**error.get('ctx', {}))}, not {json.dumps(error['input'], default=str)}"


def _place(places: tuple[str | int, ...]) -> str:
    """Give ``stages[2].block`` for a value in the second stage: people count from one."""
    words = (f"[{place + 1}]" if isinstance(place, int) else f".{place}" for place in places)
    return "".join(words).removeprefix(".")

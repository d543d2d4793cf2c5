"""How far a collection is, on disk after every step, so that the next start goes on from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.collect.whole_files import read_json, write_json
from training.collect.wiki_listing import Page
from training.errors import TrainingError

_FORMAT = 1


@dataclass(slots=True)
class State:
    """What is listed, what is written, and what comes next."""

    settings: dict[str, Any]
    """What decides the result; a state for other settings is not gone on with."""
    licence: str = ""
    """Of the wiki's texts; empty before the wiki was asked."""
    waiting: list[tuple[str, int]] = field(default_factory=list)
    """Categories that are not listed yet, each with the number of levels to go down from it."""
    seen: list[str] = field(default_factory=list)
    """Categories that were put in line once."""
    page_ids: list[int] = field(default_factory=list)
    """Pages of the listed categories, in the order found, each once."""
    revisions_asked: int = 0
    """How many of ``page_ids`` were asked for their newest revision."""
    pages: list[Page] = field(default_factory=list)
    """Pages at the revision to collect, each once."""
    pages_done: int = 0
    """How many of ``pages`` are in the file."""
    bytes_done: int = 0
    """Length of the file up to the last whole batch; what follows was cut off in the middle."""
    counts: Counter[str] = field(default_factory=Counter)
    """What became of the pages and sections."""

    def save(self, path: Path) -> None:
        """Write the state, whole or not at all."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        write_json(path, {"format": _FORMAT, **fields, "pages": [page.as_json() for page in self.pages]})


def load_state(path: Path, settings: Mapping[str, Any]) -> State | None:
    """Read the state of an unfinished collection; None where there is none, or one with other settings and no record.

    Raises TrainingError where it belongs to other settings or can't be read.
    """
    fields = read_json(path)
    if fields is None:
        return None
    if fields.pop("format", None) != _FORMAT or fields.get("settings") != dict(settings):
        if not fields.get("pages_done"):
            return None
        raise TrainingError(
            f"{path} belongs to an unfinished collection with other settings. "
            "Give the same settings to finish it, or --restart to begin anew."
        )
    try:
        return _state_from(fields)
    except (KeyError, TypeError, ValueError) as error:
        raise TrainingError(f"{path} is damaged ({error}). Give --restart to begin anew.") from error


def _state_from(fields: dict[str, Any]) -> State:
    waiting = [(str(name), int(levels)) for name, levels in fields.pop("waiting")]
    pages = [Page(**page) for page in fields.pop("pages")]
    return State(**{**fields, "waiting": waiting, "pages": pages, "counts": Counter(fields["counts"])})

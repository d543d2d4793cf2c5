"""A work: one film, short story, novel or plot with its text, and how works are read from and written to JSON Lines."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from training.errors import TrainingError


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One text with what is known of it."""

    source: str
    """Name of the source, such as ``movie_plots``; also the name of its file among the splits."""
    title: str
    genre: str | None
    """One of the model's genres, or None where the source does not say or has one that the model lacks."""
    text: str
    year: int | None = None
    link: str = ""
    """Where the text was published, for attribution; empty where it is not known."""
    licence: str = ""


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a text file for reading, unpacking it where its name ends in ``.xz``.

    Raises TrainingError where there is no such file or where it is damaged.
    """
    if not path.is_file():
        raise TrainingError(f"There is no file {path}.")
    opener: Callable[..., TextIO] = lzma.open if path.suffix == ".xz" else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="") as stream:
            yield stream
    except (lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
        raise TrainingError(f"{path} can't be read: {error}.") from error


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Give the objects of a JSON Lines file, packed with xz or not. Raises TrainingError with the line's number."""
    with open_text(path) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                fields = json.loads(line)
            except ValueError as error:
                raise TrainingError(f"{path}, line {number}, is not JSON: {error}.") from error
            if not isinstance(fields, dict):
                raise TrainingError(f"{path}, line {number}, is not a JSON object.")
            yield fields


def read_works(path: Path, source: str, genres: Iterable[str]) -> Iterator[Work]:
    """Read works from JSON Lines with ``title`` and ``text``, perhaps ``genre``, ``year``, ``article``, ``licence``.

    A genre that is not among ``genres`` becomes None. Raises TrainingError for a record without text.
    """
    known = frozenset(genres)
    for number, fields in enumerate(read_jsonl(path), start=1):
        if not isinstance(fields.get("text"), str):
            raise TrainingError(f"{path}, record {number}, has no text.")
        genre, year = fields.get("genre"), fields.get("year")
        yield Work(
            source=source,
            title=str(fields.get("title", "")),
            genre=genre if genre in known else None,
            text=fields["text"],
            year=year if isinstance(year, int) else None,
            link=str(fields.get("link") or fields.get("article") or ""),
            licence=str(fields.get("licence", "")),
        )


def write_works(path: Path, works: Iterable[Work]) -> None:
    """Write works as JSON Lines. The same works give the same bytes."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for work in works:
            stream.write(json.dumps(asdict(work), ensure_ascii=False, sort_keys=True) + "\n")

"""A work: one film, short story, novel or plot with its text, and how works are read from and written to JSON Lines."""

from __future__ import annotations

import io
import json
import lzma
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO

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
    genres: tuple[str, ...] = ()
    """All of the model's genres that the work has, ``genre`` first; empty where it has none."""
    labelled_by: str = ""
    """How ``genre`` was found, one of the words below; empty in folders of before."""


SOURCE, WORDS, OTHERWISE, CLASSIFIER, UNKNOWN = "source", "words", "otherwise", "classifier", "unknown"
"""How a work got its genre: the source says it; a word of the table of genres stands in the source's free text; none
does; a classifier was sure enough; the source does not say it and nobody was sure."""

LATEST_YEAR = 9999
"""A number above this is no year."""

LONGEST_LINE = 16_000_000
"""Characters of one line of a file; a novel has a million. A few packed bytes can be a line that fills all memory."""

Opener = Callable[[Path], BinaryIO]
"""Opens a file for reading; one that shows progress can stand in for the plain one."""


def open_plainly(path: Path) -> BinaryIO:
    """Open a file for reading."""
    return path.open("rb")


@contextmanager
def open_text(path: Path, opener: Opener = open_plainly) -> Iterator[TextIO]:
    """Open a text file for reading, unpacking it where its name ends in ``.xz``.

    Raises TrainingError where there is no such file or where it is damaged.
    """
    if not path.is_file():
        raise TrainingError(f"There is no file {path}.")
    try:
        with (
            opener(path) as packed,
            lzma.open(packed) if path.suffix == ".xz" else packed as stream,
            io.TextIOWrapper(stream, encoding="utf-8", newline="") as text,
        ):
            yield text
    except (lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
        raise TrainingError(f"{path} can't be read: {error}.") from error


def lines_of(stream: TextIO, path: Path) -> Iterator[str]:
    """Give the lines of a file with their ends. Raises TrainingError for one that is longer than LONGEST_LINE."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise TrainingError(f"{path}, line {number}, has more than {LONGEST_LINE:,} characters.")
        yield line


def read_jsonl(path: Path, opener: Opener = open_plainly) -> Iterator[dict[str, Any]]:
    """Give the objects of a JSON Lines file, packed with xz or not. Raises TrainingError with the line's number."""
    with open_text(path, opener) as stream:
        for number, line in enumerate(lines_of(stream, path), start=1):
            try:
                fields = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise TrainingError(f"{path}, line {number}, is not JSON: {error}.") from error
            if not isinstance(fields, dict):
                raise TrainingError(f"{path}, line {number}, is not a JSON object.")
            yield fields


def read_works(path: Path, source: str, genres: Iterable[str], opener: Opener = open_plainly) -> Iterator[Work]:
    """Read works from JSON Lines with ``title`` and ``text``, perhaps ``genre``, ``year``, ``article``, ``licence``.

    A genre that is not among ``genres`` becomes None. Raises TrainingError for a record without text.
    """
    known = frozenset(genres)
    for number, fields in enumerate(read_jsonl(path, opener), start=1):
        if not isinstance(fields.get("text"), str):
            raise TrainingError(f"{path}, record {number}, has no text.")
        yield _work_from(fields, source, known)


def write_work(stream: TextIO, work: Work) -> None:
    """Write a work as one line of JSON. The same work gives the same bytes."""
    stream.write(json.dumps(asdict(work), ensure_ascii=False, sort_keys=True) + "\n")


def write_works(path: Path, works: Iterable[Work]) -> None:
    """Write works as JSON Lines. The same works give the same bytes."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for work in works:
            write_work(stream, work)


def _work_from(fields: Mapping[str, Any], source: str, known: frozenset[str]) -> Work:
    year = fields.get("year")
    genres = _genres_of(fields)
    kept = tuple(genre for genre in genres if genre in known)
    return Work(
        source=source,
        title=str(fields.get("title") or ""),
        # The first that it names is its main one: a work of another genre is not made one of a lesser of its genres.
        genre=kept[0] if kept and kept[0] == genres[0] else None,
        genres=kept if kept and kept[0] == genres[0] else (),
        text=fields["text"],
        year=year if isinstance(year, int) and 0 < year <= LATEST_YEAR else None,
        link=str(fields.get("link") or fields.get("article") or ""),
        licence=str(fields.get("licence") or ""),
        labelled_by=_labelled_by(fields.get("labelled_by"), has_genre=bool(genres)),
    )


def _labelled_by(said: object, *, has_genre: bool) -> str:
    if isinstance(said, str) and said and not (has_genre and said == UNKNOWN):
        return said
    return SOURCE if has_genre else UNKNOWN


def _genres_of(fields: Mapping[str, Any]) -> list[str]:
    """Give the genres that a record names, its main one first."""
    genre, genres = fields.get("genre"), fields.get("genres")
    named = [genre, *genres] if isinstance(genres, list) else [genre]
    return list(dict.fromkeys(name for name in named if isinstance(name, str) and name))

"""Read the works of a source one after the other, cleaned, whatever kind of file they are in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from training.errors import TrainingError
from training.prepare.cleaning import clean, clean_title, without_slurs
from training.prepare.genres import GenreTable
from training.prepare.movie_plots import read_movie_plots
from training.works import Opener, Work, open_plainly, read_works

_TABLE_ENDINGS = (".csv", ".csv.xz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source: its name and its files."""

    name: str
    files: tuple[Path, ...]
    """A Wikipedia Movie Plots table (``.csv``) or JSON Lines, packed with xz or not."""
    held_out: float
    """Share of the works for validation, and as much again for test."""
    since: int | None = None
    """Leave out works of earlier years and of unknown year; None takes all."""


def read_source(source: Source, table: GenreTable, opener: Opener = open_plainly) -> Iterator[Work]:
    """Give the works of a source as they are written in its files. Raises TrainingError for what can't be read."""
    for path in source.files:
        if path.name.endswith(_TABLE_ENDINGS):
            yield from (replace(work, source=source.name) for work in read_movie_plots(path, table, opener))
        elif ".jsonl" in path.suffixes:
            yield from read_works(path, source.name, table.names, opener)
        else:
            raise TrainingError(f"{path} is neither a .csv table nor a .jsonl file (.xz may follow).")


def cleaned(work: Work, table: GenreTable) -> Work:
    """Give the work with a clean title and a clean text that has no slur; the text may be empty."""
    text = without_slurs(clean(work.text, table.genres))
    return replace(work, title=clean_title(work.title, table.genres), text=text)

"""Read the Wikipedia Movie Plots table: the full Kaggle file or any part of it, packed with xz or not."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from training.errors import TrainingError
from training.prepare.genre_file import read_genre_table
from training.prepare.genres import GenreTable
from training.works import Opener, Work, lines_of, open_plainly, open_text

SOURCE = "movie_plots"
COLUMNS = ("Release Year", "Title", "Genre", "Wiki Page", "Plot")
"""The columns that are read, by name; others and their order do not matter."""
LICENCE = "CC BY-SA 4.0, Wikipedia contributors"

# The longest plot of the full table has fewer than 40,000 characters; csv's own limit is 131,072.
_LONGEST_FIELD = 1_000_000
_YEAR = re.compile(r"[1-9][0-9]{0,3}")


def read_movie_plots(path: Path, table: GenreTable | None = None, opener: Opener = open_plainly) -> Iterator[Work]:
    """Give every row that has a plot, with its genres by ``table``, by the default one where none is given.

    Raises TrainingError for a missing file or column.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    table = table or read_genre_table()
    with open_text(path, opener) as stream:
        rows = csv.DictReader(lines_of(stream, path))
        try:
            _require_columns(path, rows.fieldnames or ())
            yield from (_work_from(row, table) for row in rows if (row["Plot"] or "").strip())
        except csv.Error as error:
            raise TrainingError(f"{path}, near line {rows.line_num}, is not valid CSV: {error}.") from error


def _require_columns(path: Path, names: Collection[str]) -> None:
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise TrainingError(f"{path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}.")


def _work_from(row: dict[str, str | None], table: GenreTable) -> Work:
    year = (row["Release Year"] or "").strip()
    label = table.label(row["Genre"] or "")
    return Work(
        source=SOURCE,
        title=(row["Title"] or "").strip(),
        genre=label.genres[0] if label.genres else None,
        genres=label.genres,
        text=row["Plot"] or "",
        year=int(year) if _YEAR.fullmatch(year) else None,
        link=(row["Wiki Page"] or "").strip(),
        licence=LICENCE,
        labelled_by=label.found_by,
    )

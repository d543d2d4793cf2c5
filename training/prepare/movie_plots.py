"""Read the Wikipedia Movie Plots table: the full Kaggle file or any part of it, packed with xz or not."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from training.errors import TrainingError
from training.prepare.genres import genre_from
from training.works import Work, open_text

SOURCE = "movie_plots"
COLUMNS = ("Release Year", "Title", "Genre", "Wiki Page", "Plot")
"""The columns that are read, by name; others and their order do not matter."""
LICENCE = "CC BY-SA 4.0, Wikipedia contributors"

# The longest plot of the full table has fewer than 40,000 characters; csv's own limit is 131,072.
_LONGEST_FIELD = 1_000_000


def read_movie_plots(path: Path) -> Iterator[Work]:
    """Give every row that has a plot. Raises TrainingError for a missing file or column."""
    csv.field_size_limit(_LONGEST_FIELD)
    with open_text(path) as stream:
        rows = csv.DictReader(stream)
        missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
        if missing:
            raise TrainingError(f"{path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}.")
        for row in rows:
            if (row["Plot"] or "").strip():
                yield _work_from(row)


def _work_from(row: dict[str, str | None]) -> Work:
    year = (row["Release Year"] or "").strip()
    return Work(
        source=SOURCE,
        title=(row["Title"] or "").strip(),
        genre=genre_from(row["Genre"] or ""),
        text=row["Plot"] or "",
        year=int(year) if year.isdigit() else None,
        link=(row["Wiki Page"] or "").strip(),
        licence=LICENCE,
    )

"""A small Wikipedia Movie Plots table with made-up films, and what the training tests do with it."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path

COLUMNS = ("Release Year", "Title", "Origin/Ethnicity", "Director", "Cast", "Genre", "Wiki Page", "Plot")
GENRES = ("drama", "horror", "action", "crime", "science fiction", "superhero")
GENRES_WITH_WESTERNS = (*GENRES, "western")

_WHO = ("The captain", "A doctor", "Her brother", "The old thief", "A young singer")
_DOES = ("finds a letter in", "runs from", "sets fire to", "hides under", "returns to")
_WHERE = ("the harbour.", "a silent house.", "the last train.", "the garden.", "a burning ship.")


def write_tiny_films(path: Path, count: int = 40, genres: Sequence[str] = GENRES) -> Path:
    """Write a table of ``count`` films, the same every time, with ``genres`` in turn as their genre text."""
    draw = random.Random(5)  # noqa: S311  # not for secrets
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(COLUMNS)
        for number in range(count):
            plot = " ".join(f"{draw.choice(_WHO)} {draw.choice(_DOES)} {draw.choice(_WHERE)}" for _ in range(12))
            genre = genres[number % len(genres)]
            link = f"https://example.org/{number}"
            table.writerow([1950, f"Film {number}", "British", "", "", genre, link, f"Number {number}. {plot}[1]"])
    return path

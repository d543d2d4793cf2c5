"""A Wikipedia Movie Plots table whose made-up plots show their genre in a few words, for tests of guessing."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from pathlib import Path

TELLING = {"horror": ("ghost", "scream", "grave", "vampire"), "western": ("saddle", "sheriff", "ranch", "cattle")}
"""Words that show a genre; the default table counts a western as action."""

_PLAIN = [f"{first}{last}" for first in ("wal", "hom", "mor", "let", "ope", "doo") for last in ("ka", "te", "in")]


def telling_plot(genre: str | None, seed: int) -> str:
    """Give a plot of one of the genres, or one that could be of either."""
    draw = random.Random(seed)  # noqa: S311  # not for secrets
    words = draw.choices(_PLAIN, k=50)
    words += draw.choices(TELLING[genre] if genre else TELLING["horror"] + TELLING["western"], k=6)
    draw.shuffle(words)
    return f"Plot {seed} " + " ".join(words) + "."


def write_telling_films(path: Path, genres: Iterable[tuple[str, str | None]]) -> Path:
    """Write a table with one film for each pair: what its genre column says, and what its plot shows."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["Release Year", "Title", "Genre", "Wiki Page", "Plot"])
        for seed, (said, shown) in enumerate(genres):
            table.writerow(["1950", f"Film {seed}", said, "", telling_plot(shown, seed)])
    return path

"""The folder that ``storytrain prepare`` writes and the other commands read: its file names and its manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from storygen.genre import ORIGINAL_GENRES, Genre
from training.errors import TrainingError
from training.works import Work, read_works

MANIFEST = "manifest.json"
CARD = "README.md"
"""Tells people and the ``datasets`` library what is in the folder."""
TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)


def split_file(source: str, split: str) -> str:
    """Give the name of the file that holds one split of one source."""
    return f"{source}.{split}.jsonl"


def load_split(data: Path, source: str, split: str) -> list[Work]:
    """Read one split of one prepared source. Raises TrainingError where ``storytrain prepare`` has not written it."""
    genres = [genre.name for genre in prepared_genres(data)]
    return list(read_works(data / split_file(source, split), source, genres))


def prepared_genres(data: Path) -> tuple[Genre, ...]:
    """Give the genres that the texts in ``data`` are labelled with; they become the genres of the checkpoint.

    A folder without a manifest, or with one that names none, has the original six. Raises TrainingError for a
    manifest that says something else in their place.
    """
    named = read_manifest(data).get("genres")
    if named is None:
        return ORIGINAL_GENRES
    try:
        return tuple(Genre(genre["name"], genre["label"]) for genre in named)
    except (TypeError, KeyError) as error:
        raise TrainingError(f"The genres in {data / MANIFEST} lack a name or a label.") from error


def read_manifest(data: Path) -> dict[str, Any]:
    """Give what ``prepare`` wrote about the folder; nothing where it wrote nothing.

    Raises TrainingError for a manifest that can't be read.
    """
    path = data / MANIFEST
    if not path.is_file():
        return {}
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path} can't be read: {error}.") from error
    if not isinstance(manifest, dict):
        raise TrainingError(f"{path} is not a JSON object.")
    return manifest

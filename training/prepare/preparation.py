"""From raw sources to clean splits: clean, drop, deduplicate, split by work, write, and say what was done."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import parse_prompt
from training.errors import TrainingError
from training.prepare import movie_plots
from training.prepare.cleaning import clean, without_slurs
from training.prepare.duplicates import SeenTexts
from training.prepare.splits import Splitter
from training.prepared import MANIFEST, SPLITS, split_file
from training.works import Work, open_text, read_works, write_works

LEAST_WORDS = 40
"""Shorter texts are no stories: stubs, notes, single sentences."""

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


@dataclass(slots=True)
class _Counts:
    """What became of the works of one source."""

    dropped: Counter[str] = field(default_factory=Counter)
    works: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    genres: Counter[str] = field(default_factory=Counter)
    licences: set[str] = field(default_factory=set)

    def add(self, split: str, work: Work) -> None:
        self.works[split] += 1
        self.words[split] += len(work.text.split())
        self.genres[work.genre or "none"] += 1
        self.licences.add(work.licence)


def prepare(sources: Iterable[Source], out: Path, *, test_stories: Path | None = None, seed: int = 0) -> dict[str, Any]:
    """Write ``SOURCE.SPLIT.jsonl`` for every source and split, and the manifest, which is also returned.

    Sources that come first keep what later ones repeat. Works that match ``test_stories`` (a file of
    rendered examples, one a line) are left out. The same input gives the same bytes.
    Raises TrainingError for input that can't be read.
    """
    sources = list(sources)
    out.mkdir(parents=True, exist_ok=True)
    tested = SeenTexts(read_examples(test_stories)) if test_stories else SeenTexts()
    splitter = Splitter(shares={source.name: source.held_out for source in sources}, seed=seed)
    seen = SeenTexts()
    described = {source.name: _prepare_source(source, out, tested, seen, splitter) for source in sources}
    manifest = {"format": 1, "seed": seed, "least_words": LEAST_WORDS, "sources": described}
    if test_stories:
        manifest["test_stories"] = {"file": test_stories.name, "sha256": sha256_of(test_stories)}
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return manifest


def read_examples(path: Path) -> Iterator[str]:
    """Give the texts of a file of rendered examples, ``<BOS> <genre> text <EOS>``, one a line."""
    with open_text(path) as stream:
        for line in stream:
            yield parse_prompt(line.strip().removesuffix("<EOS>")).text


def sha256_of(path: Path) -> str:
    """Give the file's SHA-256 in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _prepare_source(
    source: Source, out: Path, tested: SeenTexts, seen: SeenTexts, splitter: Splitter
) -> dict[str, Any]:
    counts, splits = _Counts(), {split: list[Work]() for split in SPLITS}
    for raw in _read(source):
        if _too_old(raw, source):  # asked first: cleaning is what takes the time
            counts.dropped["too old"] += 1
            continue
        work = replace(raw, title=clean(raw.title), text=without_slurs(clean(raw.text)))
        if reason := _why_dropped(work, tested, seen):
            counts.dropped[reason] += 1
            continue
        seen.add(work.text)
        split = splitter.split_of(work)
        splits[split].append(work)
        counts.add(split, work)
    files = {}
    for split, works in splits.items():
        path = out / split_file(source.name, split)
        write_works(path, works)
        files[path.name] = sha256_of(path)
    return _describe(source, counts, files)


def _too_old(work: Work, source: Source) -> bool:
    return source.since is not None and (work.year is None or work.year < source.since)


def _why_dropped(work: Work, tested: SeenTexts, seen: SeenTexts) -> str | None:
    if len(work.text.split()) < LEAST_WORDS:
        return "too short"
    if work.text in tested:
        return "in the test stories"
    return "repeats another" if work.text in seen else None


def _read(source: Source) -> Iterator[Work]:
    genres = [genre.name for genre in ORIGINAL_GENRES]
    for path in source.files:
        if path.name.endswith(_TABLE_ENDINGS):
            yield from (replace(work, source=source.name) for work in movie_plots.read_movie_plots(path))
        elif ".jsonl" in path.suffixes:
            yield from read_works(path, source.name, genres)
        else:
            raise TrainingError(f"{path} is neither a .csv table nor a .jsonl file (.xz may follow).")


def _describe(source: Source, counts: _Counts, files: Mapping[str, str]) -> dict[str, Any]:
    return {
        "input": {path.name: sha256_of(path) for path in source.files},
        "since": source.since,
        "held_out": source.held_out,
        "dropped": dict(counts.dropped),
        "works": dict(counts.works),
        "words": dict(counts.words),
        "genres": dict(counts.genres),
        "licences": sorted(counts.licences),
        "output": files,
    }

"""From raw sources to clean splits: clean, drop, deduplicate, split by work, label, write, and say what was done.

Works are written as they are read. A second pass over what was written gives genres to works of unknown genre.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from training.prepare.counts import SourceCounts
from training.prepare.dataset_card import dataset_card
from training.prepare.duplicates import MOST_SHARED, SeenTexts
from training.prepare.genre_file import read_genre_table
from training.prepare.genres import GenreTable
from training.prepare.guessing import Guesser, KnownWorks, learn
from training.prepare.kept_out import KeptOut, read_examples
from training.prepare.reading import Source, cleaned, read_source
from training.prepare.shingles import RUN_WORDS, fingerprint
from training.prepare.split_files import put_in_place, sha256_of, split_files, unfinished_folder
from training.prepare.splits import Splitter
from training.prepared import CARD, MANIFEST, SPLITS, TRAIN, split_file
from training.works import CLASSIFIER, UNKNOWN, Opener, Work, open_plainly, read_works

__all__ = ["LEAST_WORDS", "Source", "prepare"]

LEAST_WORDS = 40
"""Shorter texts are no stories: stubs, notes, single sentences."""

_GUESSED_AT_ONCE = 256


def prepare(
    sources: Iterable[Source],
    out: Path,
    *,
    test_stories: Path | None = None,
    seed: int = 0,
    table: GenreTable | None = None,
    guess: bool = True,
    opener: Opener = open_plainly,
) -> dict[str, Any]:
    """Write ``SOURCE.SPLIT.jsonl`` for every source and split, a dataset card, and the manifest, which is returned.

    Sources that come first keep what later ones repeat. Works that match ``test_stories`` (a file of
    rendered examples, one a line) are left out. ``guess`` asks a classifier for the genres that the sources
    do not say. Files are opened by ``opener``. The same input gives the same bytes.
    Raises TrainingError for input that can't be read.
    """
    sources = list(sources)
    run = _Run(sources, table or read_genre_table(), test_stories, seed, opener)
    with unfinished_folder(out) as folder:
        for source in sources:
            run.first_pass(source, folder)
        guesser = run.guesser() if guess else "it was not asked for"
        if isinstance(guesser, Guesser):
            run.second_pass(guesser, folder)
        put_in_place(folder, out, [source.name for source in sources])
    manifest = {**run.described(out, test_stories), "labels": {**run.table.described(), **_described(guesser)}}
    (out / CARD).write_text(dataset_card(manifest), encoding="utf-8")
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return manifest


class _Run:
    """One preparation: what is remembered from work to work, and what was counted."""

    def __init__(
        self, sources: list[Source], table: GenreTable, test_stories: Path | None, seed: int, opener: Opener
    ) -> None:
        self.table = table
        self._sources = sources
        self._seed = seed
        self._opener = opener
        self._kept_out = KeptOut(read_examples(test_stories)) if test_stories else KeptOut()
        self._seen = SeenTexts()
        self._splitter = Splitter(shares={source.name: source.held_out for source in sources}, seed=seed)
        self._counts = {source.name: SourceCounts() for source in sources}
        self._known = {source.name: KnownWorks() for source in sources}

    def first_pass(self, source: Source, folder: Path) -> None:
        """Write what is kept of a source. Works of unknown genre have none yet."""
        counts, known = self._counts[source.name], self._known[source.name]
        with split_files(folder, source.name) as files:
            for work in self._kept(source, counts):
                split = self._splitter.split_of(work)
                files.write(split, work)
                counts.add(split, work)
                if split == TRAIN:
                    known.add(work)

    def guesser(self) -> Guesser | str:
        """Give what can guess genres, or the reason why nothing can or need be guessed."""
        asked = self._with_unknown()
        return learn(self._known, asked, seed=self._seed) if asked else "every source says its genres"

    def second_pass(self, guesser: Guesser, folder: Path) -> None:
        """Write the sources with works of unknown genre again, with the genres that ``guesser`` is sure of."""
        self._known.clear()
        for name in self._with_unknown():
            aside = folder / "guessed"
            aside.mkdir(exist_ok=True)
            with split_files(aside, name) as files:
                for split in SPLITS:
                    written = read_works(folder / split_file(name, split), name, self.table.names, self._opener)
                    for before, after in _guessed(written, name, guesser):
                        files.write(split, after)
                        if after is not before:
                            self._counts[name].relabel(split, before, after)
            for split in SPLITS:
                (aside / split_file(name, split)).replace(folder / split_file(name, split))

    def described(self, out: Path, test_stories: Path | None) -> dict[str, Any]:
        """Give what the manifest says of the run but for its labels."""
        described: dict[str, Any] = {
            "format": 2,
            "seed": self._seed,
            "least_words": LEAST_WORDS,
            "repeats": {
                "run_words": RUN_WORDS,
                "most_shared": MOST_SHARED,
                "false_share": round(self._seen.false_share(), 6),
            },
            "genres": [{"name": genre.name, "label": genre.label} for genre in self.table.genres],
            "sources": {s.name: {**_input_of(s, out), **self._counts[s.name].described()} for s in self._sources},
        }
        if test_stories:
            described["test_stories"] = {"file": test_stories.name, "sha256": sha256_of(test_stories)}
        return described

    def _with_unknown(self) -> list[str]:
        return [name for name, counts in self._counts.items() if counts.unknown]

    def _kept(self, source: Source, counts: SourceCounts) -> Iterator[Work]:
        for raw in read_source(source, self.table, self._opener):
            if _too_old(raw, source):  # asked first: cleaning is what takes the time
                counts.dropped["too old"] += 1
                continue
            work = cleaned(raw, self.table)
            if reason := self._why_dropped(work):
                counts.dropped[reason] += 1
                continue
            yield work

    def _why_dropped(self, work: Work) -> str | None:
        if len(work.text.split()) < LEAST_WORDS:
            return "too short"
        text = fingerprint(work.text)
        if self._kept_out.has(text):
            return "in the test stories"
        if self._seen.has(text):
            return "repeats another"
        self._seen.add(text)
        return None


def _too_old(work: Work, source: Source) -> bool:
    return source.since is not None and (work.year is None or work.year < source.since)


def _guessed(works: Iterator[Work], source: str, guesser: Guesser) -> Iterator[tuple[Work, Work]]:
    """Give each work as it was and as it is with its guessed genre."""
    while batch := list(islice(works, _GUESSED_AT_ONCE)):
        unknown = [work for work in batch if work.labelled_by == UNKNOWN]
        guesses = iter(guesser.guess(source, [work.text for work in unknown]))
        for work in batch:
            genre = next(guesses) if work.labelled_by == UNKNOWN else None
            yield work, replace(work, genre=genre, genres=(genre,), labelled_by=CLASSIFIER) if genre else work


def _described(guesser: Guesser | str) -> Mapping[str, Any]:
    return {"classifier": guesser.figures} if isinstance(guesser, Guesser) else {"no_classifier": guesser}


def _input_of(source: Source, out: Path) -> Mapping[str, Any]:
    return {
        "input": {path.name: sha256_of(path) for path in source.files},
        "since": source.since,
        "held_out": source.held_out,
        "output": {name: sha256_of(out / name) for name in (split_file(source.name, split) for split in SPLITS)},
    }

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.telling_films import TELLING, write_telling_films
from training.errors import TrainingError
from training.prepare.genre_file import read_genre_table
from training.prepare.guessing import _LONGEST_PLOT, KnownWorks, _Known, _Sample
from training.prepare.preparation import Source, prepare
from training.prepared import SPLITS, load_split
from training.works import Work


def films(tmp_path: Path, known: int = 400) -> Source:
    rows: list[tuple[str, str | None]] = [(genre, genre) for _ in range(known // 2) for genre in TELLING]
    rows += [("unknown", "horror"), ("unknown", "western"), ("", "horror")] * 4 + [("unknown", None)] * 4
    return Source(name="films", files=(write_telling_films(tmp_path / "f.csv", rows),), held_out=0.05)


def works(out: Path) -> list[Work]:
    return [work for split in SPLITS for work in load_split(out, "films", split)]


def test_works_of_unknown_genre_get_the_one_that_a_classifier_is_sure_of(tmp_path: Path) -> None:
    manifest = prepare([films(tmp_path)], tmp_path / "out", seed=1)
    found = {work.title: work for work in works(tmp_path / "out")}
    unknown = [found[f"Film {number}"] for number in range(400, 412)]
    assert [work.genre for work in unknown] == ["horror", "action", "horror"] * 4
    assert all(work.labelled_by == "classifier" and work.genres == (work.genre,) for work in unknown)
    assert found["Film 0"].labelled_by == "words"
    counts = manifest["sources"]["films"]
    guessed = counts["labelled_by"]["classifier"]
    assert counts["labelled_by"] == {"words": 400, "classifier": guessed} | (
        {"unknown": 16 - guessed} if guessed < 16 else {}
    )
    assert sum(counts["genres"].values()) == sum(counts["works"].values()) == 416


def test_the_classifiers_accuracy_stands_in_the_manifest(tmp_path: Path) -> None:
    manifest = prepare([films(tmp_path)], tmp_path / "out", seed=1)
    figures = manifest["labels"]["classifier"]
    measured = figures["sources"]["films"]
    assert figures["trained_on"] + measured["measured_on"] < 400
    assert measured["accuracy"] > 0.9
    assert measured["given"]["accuracy"] > 0.9
    assert set(measured["given"]["genres"]) == {"action", "horror"}


def test_where_words_tell_nothing_no_genre_is_given(tmp_path: Path) -> None:
    rows: list[tuple[str, str | None]] = [(genre, None) for _ in range(400) for genre in TELLING]
    source = Source(
        name="films", files=(write_telling_films(tmp_path / "f.csv", rows + [("unknown", None)] * 9),), held_out=0.0
    )
    manifest = prepare([source], tmp_path / "out", seed=1)
    assert manifest["sources"]["films"]["labelled_by"] == {"unknown": 9, "words": 800}
    assert manifest["labels"]["classifier"]["sources"]["films"]["given"]["accuracy"] is None


def test_nothing_is_guessed_where_that_is_not_wished_or_too_little_is_known(tmp_path: Path) -> None:
    unwished = prepare([films(tmp_path)], tmp_path / "out", guess=False)
    few = prepare([films(tmp_path, known=40)], tmp_path / "few")
    for manifest, reason in ((unwished, "it was not asked for"), (few, "too few")):
        assert manifest["sources"]["films"]["labelled_by"]["unknown"] == 16
        assert reason in manifest["labels"]["no_classifier"]


def test_without_scikit_learn_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.pipeline", None)
    with pytest.raises(TrainingError, match=r"scikit-learn is needed.*--no-guess"):
        prepare([films(tmp_path)], tmp_path / "out")


def _known(numbers: list[int]) -> Iterator[_Known]:
    return (_Known(number, f"text {number}", ("horror",)) for number in numbers)


def test_a_sample_keeps_the_same_works_whatever_the_order() -> None:
    numbers = random.Random(1).sample(range(10_000), 500)  # noqa: S311  # not for secrets
    samples = _Sample(20), _Sample(20)
    for sample, order in zip(samples, (numbers, sorted(numbers, reverse=True)), strict=True):
        for known in _known(order):
            sample.add(known)
    first, second = ([known.rank for known in sample] for sample in samples)
    assert first == second == sorted(numbers)[:20]


def test_novels_and_works_with_a_genre_for_want_of_another_teach_nothing() -> None:
    known = KnownWorks()
    plain: dict[str, Any] = {"source": "films", "title": "", "genres": ("drama",)}
    known.add(Work(**plain, genre="drama", text="word " * (_LONGEST_PLOT + 1), labelled_by="source"))
    known.add(Work(**plain, genre="drama", text="word", labelled_by="otherwise"))
    known.add(Work(**{**plain, "genres": ()}, genre=None, text="word", labelled_by="unknown"))
    assert not [*known.chosen, *known.measured, *known.trained]


def test_guessed_labels_are_read_back_as_guessed(tmp_path: Path) -> None:
    prepare([films(tmp_path)], tmp_path / "out", seed=1)
    lines = [json.loads(line) for line in (tmp_path / "out" / "films.train.jsonl").read_text().splitlines()]
    assert {line["labelled_by"] for line in lines} <= {"words", "classifier", "unknown"}
    assert all(line["genre"] in (*read_genre_table().names, None) for line in lines)

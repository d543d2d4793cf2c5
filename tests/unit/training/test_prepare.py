from __future__ import annotations

import csv
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from storygen.prompt import render_example
from training.errors import TrainingError
from training.prepare.duplicates import SeenTexts, opening
from training.prepare.preparation import Source, prepare
from training.prepare.splits import Splitter, work_key
from training.prepared import MANIFEST, SPLITS, split_file
from training.works import Work

WORDS = (
    "night",
    "house",
    "river",
    "captain",
    "letter",
    "storm",
    "garden",
    "mirror",
    "train",
    "winter",
    "signal",
    "doctor",
)


def story(seed: int, words: int = 60) -> str:
    draw = random.Random(seed)  # noqa: S311  # not for secrets
    return f"Story {seed} begins. " + " ".join(draw.choice(WORDS) for _ in range(words)) + "."


def write_jsonl(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def write_films(path: Path, films: list[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["Release Year", "Title", "Genre", "Wiki Page", "Plot"])
        table.writerows([["1950", title, "drama", "", plot] for title, plot in films])
    return path


def read(out: Path, source: str, split: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / split_file(source, split)).read_text(encoding="utf-8").splitlines()]


def films_and_plots(tmp_path: Path) -> list[Source]:
    films = [(f"Film {number % 80}", story(number)) for number in range(120)]
    plots = [{"title": f"Film {n}", "genre": "horror", "text": story(1000 + n)} for n in range(60)]
    return [
        Source(name="plots", files=(write_jsonl(tmp_path / "p.jsonl", plots),), held_out=0.2),
        Source(name="films", files=(write_films(tmp_path / "f.csv", films),), held_out=0.05),
    ]


def test_no_film_is_in_two_splits_whatever_source_it_comes_from(tmp_path: Path) -> None:
    sources = films_and_plots(tmp_path)
    prepare(sources, tmp_path / "out")
    where: dict[str, set[str]] = {}
    for source in sources:
        for split in SPLITS:
            for record in read(tmp_path / "out", source.name, split):
                where.setdefault(record["title"], set()).add(split)
    assert len(where) == 80
    assert {split for splits in where.values() for split in splits} == set(SPLITS)
    assert all(len(splits) == 1 for splits in where.values())


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    sources = films_and_plots(tmp_path)
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        prepare(sources, folder)
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert first == second
    assert len(first) == 7


def test_stories_of_the_test_file_are_never_trained_on(tmp_path: Path) -> None:
    tested = [story(1), story(2)]
    examples = tmp_path / "test.txt"
    examples.write_text("".join(render_example("drama", text) + "\n" for text in tested), encoding="utf-8")
    same_opening = tested[0][:150].upper().replace(" ", "  ", 3) + "[2] And then all is different. " + story(7, 300)
    films = [
        ("Copy", tested[1]),
        ("Opening", same_opening),
        ("Inside", "It starts anew. " + tested[0]),
        ("Own", story(3)),
    ]
    source = Source(name="films", files=(write_films(tmp_path / "f.csv", films),), held_out=0.0)
    manifest = prepare([source], tmp_path / "out", test_stories=examples)
    assert [record["title"] for record in read(tmp_path / "out", "films", "train")] == ["Own"]
    assert manifest["sources"]["films"]["dropped"] == {"in the test stories": 3}


def test_short_repeated_and_old_works_are_left_out_and_counted(tmp_path: Path) -> None:
    near = story(1).replace("Story 1 begins", "It all begins quite otherwise")
    records: list[dict[str, Any]] = [
        {"title": "A", "year": 1950, "text": story(1)},
        {"title": "B", "year": 1950, "text": near},
        {"title": "C", "year": 1950, "text": "Too short."},
        {"title": "D", "year": 1820, "text": story(4)},
        {"title": "E", "text": story(5)},
    ]
    path = write_jsonl(tmp_path / "f.jsonl", records)
    manifest = prepare([Source(name="fiction", files=(path,), held_out=0.0, since=1900)], tmp_path / "out")
    counted = manifest["sources"]["fiction"]
    assert counted["dropped"] == {"repeats another": 1, "too short": 1, "too old": 2}
    assert counted["works"] == {"train": 1}
    assert json.loads((tmp_path / "out" / MANIFEST).read_text(encoding="utf-8")) == manifest


def test_a_file_of_unknown_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(TrainingError, match=r"x\.txt is neither"):
        prepare([Source(name="x", files=(tmp_path / "x.txt",), held_out=0.1)], tmp_path / "out")


def test_the_opening_ignores_case_spaces_and_bracketed_text() -> None:
    assert opening("The  End[12] of, it!") == "theendofit"
    assert "THE END of it all" in SeenTexts(["The end [5] of it all"])


def test_other_works_do_not_change_where_a_work_goes() -> None:
    works = [Work(source="films", title=f"Film {number}", genre=None, text="") for number in range(200)]
    shares = {"films": 0.2}
    forwards, backwards = Splitter(shares=shares), Splitter(shares=shares)
    there = [forwards.split_of(work) for work in works]
    back = [backwards.split_of(work) for work in reversed(works)]
    assert there == back[::-1]
    assert set(there) == set(SPLITS)


def test_untitled_works_are_told_apart_by_their_text() -> None:
    work = Work(source="films", title="unknown", genre=None, text="one")
    assert work_key(work) != work_key(replace(work, text="two"))
    assert work_key(replace(work, title="The Fly (1958 film)")) == work_key(replace(work, title="The Fly", text="two"))

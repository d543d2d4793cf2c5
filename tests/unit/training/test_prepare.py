from __future__ import annotations

import csv
import hashlib
import json
import random
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storygen.genre import ORIGINAL_GENRES, Genre
from storygen.prompt import render_example
from training.errors import TrainingError
from training.prepare.genres import GenreEntry, GenreTable
from training.prepare.preparation import Source, prepare
from training.prepare.splits import Splitter, work_key
from training.prepared import MANIFEST, SPLITS, load_split, prepared_genres, split_file
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
    assert len(first) == 8


def test_stories_of_the_test_file_never_get_in(tmp_path: Path) -> None:
    tested = [story(1), story(2)]
    examples = tmp_path / "test.txt"
    examples.write_text("".join(render_example("drama", text) + "\n" for text in tested), encoding="utf-8")
    same_opening = tested[0][:150].upper().replace(" ", "  ", 3) + "[2] And then all is different. " + story(7, 300)
    films = [
        ("Copy", tested[1]),
        ("Opening", same_opening),
        ("Resembles", "It starts anew. " + tested[0]),
        ("Contains", story(8, 2_000) + " " + tested[0] + " " + story(9, 2_000)),
        ("Own", story(3)),
    ]
    source = Source(name="films", files=(write_films(tmp_path / "f.csv", films),), held_out=0.0)
    manifest = prepare([source], tmp_path / "out", test_stories=examples)
    assert [record["title"] for record in read(tmp_path / "out", "films", "train")] == ["Own"]
    assert manifest["sources"]["films"]["dropped"] == {"in the test stories": 4}


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


def test_what_an_earlier_preparation_left_is_taken_away_and_nothing_else(tmp_path: Path) -> None:
    sources = films_and_plots(tmp_path)
    out = tmp_path / "out"
    prepare(sources, out)
    (out / "mine.txt").write_text("keep")
    prepare(sources[:1], out)
    files = [split_file("plots", split) for split in SPLITS]
    assert sorted(path.name for path in out.iterdir()) == sorted([*files, "README.md", "mine.txt", MANIFEST])


def test_a_failed_preparation_leaves_the_earlier_one_whole(tmp_path: Path) -> None:
    sources, out = films_and_plots(tmp_path), tmp_path / "out"
    prepare(sources, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    sources[1].files[0].write_text("no table", encoding="utf-8")
    with pytest.raises(TrainingError, match="lacks the column"):
        prepare(sources, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_an_out_that_is_a_file_is_said(tmp_path: Path) -> None:
    sources = films_and_plots(tmp_path)
    (tmp_path / "out").write_text("")
    with pytest.raises(TrainingError, match=r"The folder .*out can't be written to"):
        prepare(sources, tmp_path / "out")


def test_the_manifest_counts_by_genre_and_split_and_has_the_sums_of_all_files(tmp_path: Path) -> None:
    sources, out = films_and_plots(tmp_path), tmp_path / "out"
    manifest = prepare(sources, out)
    plots = manifest["sources"]["plots"]
    assert plots["genres"] == {"horror": 60}
    assert plots["genres_in_all"] == {"horror": 60}
    assert plots["genres_by_split"] == {split: {"horror": count} for split, count in plots["works"].items()}
    assert plots["labelled_by"] == {"source": 60}
    assert manifest["genres"] == [{"name": genre.name, "label": genre.label} for genre in ORIGINAL_GENRES]
    assert prepared_genres(out) == ORIGINAL_GENRES
    for source in manifest["sources"].values():
        files = {**{path.name: path for path in tmp_path.iterdir()}, **{path.name: path for path in out.iterdir()}}
        for name, digest in {**source["input"], **source["output"]}.items():
            assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("manifest", ["[]", "{", '{"genres": ["horror"]}', '{"genres": [{"name": "horror"}]}'])
def test_a_manifest_that_says_something_else_is_named(tmp_path: Path, manifest: str) -> None:
    (tmp_path / MANIFEST).write_text(manifest, encoding="utf-8")
    with pytest.raises(TrainingError, match=MANIFEST):
        prepared_genres(tmp_path)


def test_genres_of_another_table_reach_the_manifest_the_splits_and_the_cleaning(tmp_path: Path) -> None:
    entries = [GenreEntry(genre=Genre(name, name.title()), words=(name,)) for name in ("western", "drama")]
    records = [
        {"title": "A", "genre": "western", "text": "<western> " + story(1)},
        {"title": "B", "genre": "horror", "text": story(2)},
    ]
    source = Source(name="plots", files=(write_jsonl(tmp_path / "p.jsonl", records),), held_out=0.0)
    out = tmp_path / "out"
    manifest = prepare([source], out, table=GenreTable(entries=tuple(entries)))
    assert prepared_genres(out) == (Genre("western", "Western"), Genre("drama", "Drama"))
    assert [work.genre for work in load_split(out, "plots", "train")] == ["western", None]
    assert manifest["sources"]["plots"]["genres"] == {"none": 1, "western": 1}
    assert manifest["sources"]["plots"]["labelled_by"] == {"another genre": 1, "source": 1}
    assert "<western>" not in read(out, "plots", "train")[0]["text"]


_TITLES = st.sampled_from(["Rain", "The Fly", "The Fly (1958 film)", "unknown", ""])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(_TITLES, st.integers(0, 12), st.integers(0, 2)), min_size=1, max_size=25), st.integers(0, 99))
def test_whatever_the_rows_no_text_is_kept_twice_and_no_title_is_in_two_splits(
    rows: list[tuple[str, int, int]], seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        records = [{"title": title, "text": "Once. " * extra + story(text)} for title, text, extra in rows]
        halves = records[::2], records[1::2]
        sources = [
            Source(name=f"s{n}", files=(write_jsonl(place / f"{n}.jsonl", half),), held_out=0.3)
            for n, half in enumerate(halves)
        ]
        prepare(sources, place / "out", seed=seed)
        kept = [
            (split, record)
            for source in sources
            for split in SPLITS
            for record in read(place / "out", source.name, split)
        ]
    told = [record["text"].replace("Once. ", "") for _, record in kept]
    assert sorted(told) == sorted({story(text) for _, text, _ in rows})
    where: dict[str, set[str]] = {}
    for split, record in kept:
        if record["title"] not in {"unknown", ""}:
            where.setdefault(record["title"].removesuffix(" (1958 film)"), set()).add(split)
    assert all(len(splits) == 1 for splits in where.values())


def test_a_file_of_unknown_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(TrainingError, match=r"x\.txt is neither"):
        prepare([Source(name="x", files=(tmp_path / "x.txt",), held_out=0.1)], tmp_path / "out")


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

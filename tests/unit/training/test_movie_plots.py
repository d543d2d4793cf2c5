from __future__ import annotations

import csv
import json
import lzma
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storygen.genre import Genre
from training.errors import TrainingError
from training.prepare.genres import GenreEntry, GenreTable
from training.prepare.movie_plots import read_movie_plots
from training.works import Work, read_works, write_works

HEADER = ["Release Year", "Title", "Origin/Ethnicity", "Director", "Cast", "Genre", "Wiki Page", "Plot"]
ROWS = [
    [
        "1931",
        "The Mummy's Hat",
        "American",
        "Unknown",
        "",
        "horror",
        "https://example.org/a",
        'He says "no".\r\nThen yes.',
    ],
    ["1999", "Empty", "American", "Unknown", "", "drama", "https://example.org/b", "  "],
    ["", "No Year", "British", "Unknown", "A,\nB", "western", "", "They ride, and ride."],
]


def write_table(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "wt", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


@pytest.mark.parametrize("name", ["table.csv", "table.csv.xz"])
def test_a_table_is_read_packed_or_not_and_rows_without_a_plot_are_passed_over(tmp_path: Path, name: str) -> None:
    works = list(read_movie_plots(write_table(tmp_path / name, HEADER, ROWS)))
    assert [(work.title, work.genre, work.year) for work in works] == [
        ("The Mummy's Hat", "horror", 1931),
        ("No Year", "action", None),
    ]
    assert works[0].text == 'He says "no".\r\nThen yes.'
    assert works[0].link == "https://example.org/a"


def test_rows_are_labelled_by_the_table_that_is_given(tmp_path: Path) -> None:
    western = GenreTable(entries=(GenreEntry(genre=Genre("western", "Western"), words=("western",)),))
    works = list(read_movie_plots(write_table(tmp_path / "t.csv", HEADER, ROWS), western))
    assert [(work.genre, work.genres, work.labelled_by) for work in works] == [
        (None, (), "otherwise"),
        ("western", ("western",), "words"),
    ]


def test_a_row_of_unknown_genre_has_none(tmp_path: Path) -> None:
    rows = [[*ROWS[0][:5], "unknown", *ROWS[0][6:]]]
    (work,) = read_movie_plots(write_table(tmp_path / "t.csv", HEADER, rows))
    assert (work.genre, work.genres, work.labelled_by) == (None, (), "unknown")


def test_a_field_that_never_ends_is_an_error_with_its_line(tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", HEADER, ROWS)
    with table.open("a", encoding="utf-8") as stream:
        stream.write('"' + "x" * 1_100_000)
    with pytest.raises(TrainingError, match=r"t\.csv, near line \d+, is not valid CSV: field larger"):
        list(read_movie_plots(table))


def test_columns_are_found_by_name_in_any_order(tmp_path: Path) -> None:
    order = [7, 1, 0, 5, 6]
    rows = [[row[place] for place in order] for row in ROWS]
    works = list(read_movie_plots(write_table(tmp_path / "t.csv", [HEADER[place] for place in order], rows)))
    assert [work.title for work in works] == ["The Mummy's Hat", "No Year"]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", HEADER[:-1], [row[:-1] for row in ROWS])
    with pytest.raises(TrainingError, match=r"t\.csv lacks the column Plot\."):
        list(read_movie_plots(table))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"There is no file .*gone\.csv\."):
        list(read_movie_plots(tmp_path / "gone.csv"))


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    whole = write_table(tmp_path / "whole.csv.xz", HEADER, ROWS * 50).read_bytes()
    cut = tmp_path / "cut.csv.xz"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TrainingError, match=r"cut\.csv\.xz can't be read"):
        list(read_movie_plots(cut))


def test_a_genre_that_the_model_lacks_becomes_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "A", "genre": "general", "text": "b"}\n{"title": "B", "genre": "horror", "text": "c"}\n')
    assert [work.genre for work in read_works(path, "fiction", ["horror"])] == [None, "horror"]


def test_a_record_names_its_genre_in_one_field_or_another_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    records: list[dict[str, object]] = [
        {"genre": "horror", "genres": ["drama", "horror", "opera"]},
        {"genres": ["drama", "horror"]},
        {"genre": "opera", "genres": ["horror"]},
        {"genre": None},
        {"genre": "horror", "labelled_by": "classifier"},
        {"genre": "horror", "labelled_by": "unknown"},
    ]
    path.write_text("".join(json.dumps({"title": "A", "text": "b", **record}) + "\n" for record in records))
    works = list(read_works(path, "plots", ["horror", "drama"]))
    assert [(work.genre, work.genres, work.labelled_by) for work in works] == [
        ("horror", ("horror", "drama"), "source"),
        ("drama", ("drama", "horror"), "source"),
        (None, (), "source"),
        (None, (), "unknown"),
        ("horror", ("horror",), "classifier"),
        ("horror", ("horror",), "source"),
    ]


@pytest.mark.parametrize(("said", "year"), [(1950, 1950), (10**30, None), (-5, None), ("1950", None), (None, None)])
def test_a_year_is_a_number_that_can_be_one(tmp_path: Path, said: object, year: int | None) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"title": "A", "text": "b", "year": said}) + "\n")
    assert [work.year for work in read_works(path, "plots", [])] == [year]
    row = [str(said), *ROWS[0][1:]]
    assert [work.year for work in read_movie_plots(write_table(tmp_path / "t.csv", HEADER, [row]))] == [
        1950 if said == "1950" else year
    ]


_NAMES = st.sampled_from(["horror", "drama", "sci_fi"])


@given(
    st.builds(
        Work,
        source=st.just("plots"),
        title=st.text(),
        genre=st.none(),
        text=st.text(),
        year=st.none() | st.integers(1800, 2100),
        link=st.text(),
        licence=st.text(),
        labelled_by=st.sampled_from(["words", "classifier"]),
    ),
    st.lists(_NAMES, unique=True),
)
def test_a_work_that_was_written_is_read_as_it_was(work: Work, genres: list[str]) -> None:
    work = replace(work, genre=genres[0] if genres else None, genres=tuple(genres))
    with tempfile.TemporaryDirectory() as folder:
        write_works(Path(folder) / "w.jsonl", [work])
        assert list(read_works(Path(folder) / "w.jsonl", "plots", ["horror", "drama", "sci_fi"])) == [work]


@pytest.mark.parametrize("line", ["not json", "[1]", '{"title": "no text"}'])
def test_a_bad_record_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "A", "text": "b"}\n' + line + "\n")
    with pytest.raises(TrainingError, match="2"):
        list(read_works(path, "fiction", []))

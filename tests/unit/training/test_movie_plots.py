from __future__ import annotations

import csv
import lzma
from pathlib import Path

import pytest

from training.errors import TrainingError
from training.prepare.movie_plots import read_movie_plots
from training.works import read_works

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


@pytest.mark.parametrize("line", ["not json", "[1]", '{"title": "no text"}'])
def test_a_bad_record_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "A", "text": "b"}\n' + line + "\n")
    with pytest.raises(TrainingError, match="2"):
        list(read_works(path, "fiction", []))

from __future__ import annotations

import hashlib
import importlib.util
import json
import lzma
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.tiny_films import write_tiny_films
from training.collect import plots
from training.collect.kaggle import TABLE, download_table
from training.collect.plots import collect_plots
from training.collect.table_faults import FULL_TABLE, Expected
from training.errors import TrainingError
from training.prepare.movie_plots import read_movie_plots

TODAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def films(tmp_path: Path) -> Path:
    return write_tiny_films(tmp_path / "films.csv")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def described(path: Path) -> Expected:
    content = path.read_bytes()
    return Expected(size=len(content), sha256=hashlib.sha256(content).hexdigest())


def collect(out: Path, given: Path, expected: Expected | None) -> Path:
    return collect_plots(out, given=given, expected=expected, now=lambda: TODAY)


def refused(out: Path, given: Path, expected: Expected | None, sentence: str) -> None:
    with pytest.raises(TrainingError, match=sentence):
        collect(out, given, expected)
    assert not out.exists() or list(out.iterdir()) == []


def test_the_right_file_is_copied_as_it_is_with_its_provenance(films: Path, out: Path) -> None:
    place = collect(out, films, described(films))
    assert place == out / TABLE
    assert place.read_bytes() == films.read_bytes()
    assert len(list(read_movie_plots(place))) == 40
    said = json.loads((out / "wiki_movie_plots_deduped.provenance.json").read_text())
    assert said["sha256"] == described(films).sha256
    assert said["collected"] == "2026-03-01"
    assert said["full_table"] is False
    assert said["source"].startswith("the file films.csv; published at https://www.kaggle.com/")
    assert "CC BY-SA" in said["licence_note"]
    assert sorted(path.name for path in out.iterdir()) == [TABLE, "wiki_movie_plots_deduped.provenance.json"]


def test_packed_files_are_unpacked(films: Path, out: Path, tmp_path: Path) -> None:
    packed, archive = tmp_path / "films.csv.xz", tmp_path / "archive.zip"
    packed.write_bytes(lzma.compress(films.read_bytes()))
    with zipfile.ZipFile(archive, "w") as stream:
        stream.write(films, TABLE)
    for given in (packed, archive):
        assert collect(out, given, described(films)).read_bytes() == films.read_bytes()


def test_a_packed_file_that_would_fill_the_disk_is_refused(
    films: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "LARGEST_TABLE", 5_000_000)
    packed = tmp_path / "films.csv.xz"
    packed.write_bytes(lzma.compress(films.read_bytes() + b"\n" * 5_000_000))
    refused(out, packed, None, "has more than 5,000,000 bytes unpacked")
    assert not (out / TABLE).exists()


def test_without_a_file_the_table_is_downloaded(films: Path, out: Path) -> None:
    place = collect_plots(out, expected=described(films), download=lambda: films, now=lambda: TODAY)
    assert place.read_bytes() == films.read_bytes()
    said = json.loads((out / "wiki_movie_plots_deduped.provenance.json").read_text())
    assert said["source"] == "https://www.kaggle.com/datasets/jrobischon/wikipedia-movie-plots"


def test_the_full_table_is_what_is_expected() -> None:
    assert FULL_TABLE.size == 81_193_310
    assert FULL_TABLE.sha256 == "e5450142ff22420ec2229ab1ee5a567e771f001fc04ac9d7960b533c88e5993c"


def test_a_part_of_the_table_is_refused_unless_any_table_will_do(films: Path, out: Path) -> None:
    refused(out, films, FULL_TABLE, r"has [\d,]+ of 81,193,310 bytes: it is a part of the table, or its line ends")
    assert collect(out, films, None).read_bytes() == films.read_bytes()


def test_a_file_that_was_cut_off_is_named(films: Path, out: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.csv"
    cut.write_bytes(films.read_bytes()[:-100])
    refused(out, cut, described(films), r"cut\.csv has [\d,]+ of [\d,]+ bytes: it was cut off in a row\.")


def test_a_damaged_file_is_named(films: Path, out: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.csv"
    damaged.write_bytes(films.read_bytes().replace(b"captain", b"capta1n", 1))
    refused(out, damaged, described(films), r"right size but another checksum \(SHA-256 [0-9a-f]{64}\)")


def test_a_longer_table_is_another_edition(films: Path, out: Path, tmp_path: Path) -> None:
    longer = tmp_path / "longer.csv"
    longer.write_bytes(films.read_bytes() * 2)
    refused(out, longer, described(films), r"bytes instead of [\d,]+: it is another edition")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", r"is empty\."),
        (b"\n<!DOCTYPE html><html>", r"is a web page \(HTML\)"),
        (b"version https://git-lfs.github.com/spec/v1\n", r"is a Git LFS pointer"),
        (b'{"message": "unauthorised"}', r"is JSON, not a table"),
        (b"\x89PNG\x00\x00", r"is no text file"),
        (b"Title,Genre\nA,b\n", r"lacks the columns Release Year, Wiki Page, Plot: it is another table"),
        (b"Release Year,Title,Genre,Wiki Page\n", r"lacks the column Plot: it is another table"),
    ],
)
def test_a_file_that_is_no_such_table_is_named(content: bytes, sentence: str, out: Path, tmp_path: Path) -> None:
    given = tmp_path / "given.csv"
    given.write_bytes(content)
    for expected in (FULL_TABLE, None):
        refused(out, given, expected, sentence)


def test_damaged_and_wrong_archives_are_named(films: Path, out: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.csv.xz"
    cut.write_bytes(lzma.compress(films.read_bytes())[:-50])
    refused(out, cut, None, r"cut\.csv\.xz can't be read: Compressed file ended")
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as stream:
        stream.writestr("readme.txt", "x")
    refused(out, other, None, r"other\.zip is an archive without wiki_movie_plots_deduped\.csv\.")
    refused(out, tmp_path / "gone.csv", None, r"There is no file .*gone\.csv\.")


def test_an_earlier_table_stays_when_the_new_one_is_refused(films: Path, out: Path, tmp_path: Path) -> None:
    place = collect(out, films, described(films))
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(films.read_bytes()[:-100])
    with pytest.raises(TrainingError):
        collect(out, wrong, described(films))
    assert place.read_bytes() == films.read_bytes()


def test_a_folder_that_cannot_be_written_is_a_sentence(films: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"can't be written: (File exists|Not a directory)\."):
        collect(films, films, None)
    assert tmp_path.exists()


def test_a_missing_kagglehub_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(TrainingError, match=r"needs kagglehub: pip install .* download it in a browser from https://"):
        download_table()


def test_a_kaggle_that_cannot_be_reached_is_a_sentence(tmp_path: Path) -> None:
    """Run the real kagglehub behind a proxy that nobody runs: it reaches nothing, with or without a network."""
    if importlib.util.find_spec("kagglehub") is None:
        pytest.skip("kagglehub is not installed")
    dead = "http://127.0.0.1:9"
    away = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), dead) | {
        "NO_PROXY": "",
        "no_proxy": "",
    }
    home = {"KAGGLEHUB_CACHE": str(tmp_path), "KAGGLE_CONFIG_DIR": str(tmp_path), "HOME": str(tmp_path)}
    script = "from training.collect.kaggle import download_table; download_table()"
    result = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script], env={**os.environ, **away, **home}, capture_output=True, text=True, check=False
    )
    assert "training.errors.TrainingError: Kaggle did not give the table (" in result.stderr
    assert "download it in a browser from https://www.kaggle.com/datasets/jrobischon" in result.stderr

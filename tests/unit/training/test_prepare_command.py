from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.telling_films import TELLING, write_telling_films
from tests.fakes.tiny_films import write_tiny_films
from training.__main__ import main
from training.prepared import prepared_genres, read_manifest

WESTERN = '[[genres]]\nname = "western"\nlabel = "Western"\nwords = ["action"]\n'


def test_two_processes_with_different_hash_seeds_write_the_same_bytes(tmp_path: Path) -> None:
    known = [(genre, genre) for _ in range(200) for genre in TELLING]
    table = write_telling_films(tmp_path / "films.csv", [*known, *[("unknown", genre) for genre in TELLING] * 5])
    written = []
    for hash_seed in ("1", "2"):
        out = tmp_path / hash_seed
        command = [sys.executable, "-m", "training", "prepare", "--movie-plots", str(table), "--out", str(out)]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": hash_seed}, capture_output=True)  # noqa: S603
        written.append({path.name: path.read_bytes() for path in sorted(out.iterdir())})
    assert written[0] == written[1]
    assert read_manifest(tmp_path / "1")["sources"]["movie_plots"]["labelled_by"]["classifier"] == 10


def test_a_table_of_genres_is_used(tmp_path: Path) -> None:
    films, genres = write_tiny_films(tmp_path / "films.csv"), tmp_path / "mine.toml"
    genres.write_text(WESTERN, encoding="utf-8")
    arguments = ["--movie-plots", str(films), "--genres", str(genres), "--out", str(tmp_path / "out")]
    assert main(["prepare", *arguments]) == 0
    assert [genre.name for genre in prepared_genres(tmp_path / "out")] == ["western"]
    assert read_manifest(tmp_path / "out")["sources"]["movie_plots"]["genres"].keys() == {"none", "western"}


def test_the_rule_can_be_chosen(tmp_path: Path) -> None:
    films = write_tiny_films(tmp_path / "films.csv")
    for rule in ("all", "first"):
        arguments = ["--movie-plots", str(films), "--label-rule", rule, "--out", str(tmp_path / rule)]
        assert main(["prepare", *arguments]) == 0
        assert read_manifest(tmp_path / rule)["labels"]["rule"] == rule


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name at least one file"),
        (["--movie-plots", "gone.csv"], "There is no file gone.csv."),
        (["--movie-plots", "gone.csv", "--genres", "gone.toml"], "The table of genres gone.toml can't be read"),
        (["--movie-plots", "gone.csv", "--test-stories", "gone.txt"], "There is no file gone.txt."),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["prepare", *arguments, "--out", "out"]) == 2
    assert said in capsys.readouterr().err


def test_progress_is_shown_on_a_terminal_and_nowhere_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    films = write_tiny_films(tmp_path / "films.csv")
    main(["prepare", "--movie-plots", str(films), "--out", str(tmp_path / "a")])
    assert "films.csv" not in capsys.readouterr().err
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes anything for a terminal then
    main(["prepare", "--movie-plots", str(films), "--out", str(tmp_path / "b")])
    assert "films.csv" in capsys.readouterr().err
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in "ab")
    assert first == second

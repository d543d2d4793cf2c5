"""``storygen explore``."""

from __future__ import annotations

from pathlib import Path

import pytest

from storygen.cli import main
from storygen.exploration_table import table
from storygen.pipeline import StoryGenerator


def explore(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["explore", *arguments, "--threads", "1"])
    output = capsys.readouterr()
    return code, output.out, output.err


def test_it_prints_what_the_generator_tells(tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, shown, _ = explore(
        capsys, "horror", "The door", "--temperature", "0.8", "--top-k", "20", "--model", str(tiny_checkpoint)
    )
    expected = StoryGenerator(str(tiny_checkpoint)).explore("<BOS> <horror> The door", temperature=0.8, top_k=20)
    assert code == 0
    assert shown.splitlines() == list(table(expected))


def test_a_preset_holds_and_a_single_option_wins(tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, shown, _ = explore(
        capsys, "horror", "The door", "--preset", "wild", "--top-k", "7", "--model", str(tiny_checkpoint)
    )
    assert shown.splitlines()[1].split()[3:] == ["1.15", "1.3", "7", "0.98"]


def test_the_picture_is_saved(tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "door.png"
    code, shown, said = explore(
        capsys, "horror", "The door", "--model", str(tiny_checkpoint), "--picture", str(picture)
    )
    assert code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert str(picture) in said
    assert str(picture) not in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("romance", "The door"), "There is no genre 'romance'"),
        (("horror", "The door", "--top-p", "7"), "--top-p must be between 0.05 and 1, not 7.0."),
        (("horror", "The door", "--picture", "missing/door.png"), "missing/door.png: No such file or directory"),
    ],
)
def test_a_mistake_is_a_sentence(
    tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    code, _, said = explore(capsys, *arguments, "--model", str(tiny_checkpoint))
    assert code == 2
    assert sentence in said

"""``storygen tell``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storygen.cli import main
from tests.fakes.tiny_model import TinyShape, write_tiny_checkpoint

PROMPT = "Batman is hunting down"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_tiny_checkpoint(tmp_path_factory.mktemp("cli") / "m", n_positions=2048, eos_bias=-30.0))


def tell(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["tell", *arguments, "--threads", "1"])
    output = capsys.readouterr()
    return code, output.out, output.err


def test_a_story_begins_with_its_prompt_and_a_seed_repeats_it(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("superhero", PROMPT, "--max-length", "75", "--seed", "7", "--model", model)
    code, story, last_line = tell(capsys, *arguments)
    assert code == 0
    assert story.startswith(PROMPT)
    assert len(story) > len(PROMPT) + 50
    assert "seed 7" in last_line
    assert "99 tokens" in last_line  # 75, and 24 to finish a sentence, which this model never does
    assert tell(capsys, *arguments)[1] == story


def test_without_a_prompt_the_story_begins_with_itself(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, story, _ = tell(capsys, "horror", "--max-length", "40", "--seed", "1", "--model", model)
    assert code == 0
    assert story.strip()
    assert story == story.lstrip()


def test_options_and_presets_change_the_story(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    fixed = ("horror", PROMPT, "--max-length", "40", "--seed", "1", "--model", model)
    variants = [(), ("--preset", "wild"), ("--no-do-sample",), ("--temperature", "2.0"), ("--top-k", "3")]
    stories = {tell(capsys, *fixed, *variant)[1] for variant in variants}
    assert len(stories) == len(variants)
    classic = tell(capsys, *fixed, "--preset", "Classic")[1]
    assert classic == tell(capsys, *fixed, "--temperature", "1.2", "--repetition-penalty", "1.1")[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["romance", "x"], "There is no genre 'romance'"),
        (["horror", "x", "--max-length", "5"], "--max-length must be between 30 and 800, not 5."),
        (["horror", "x", "--top-p", "3"], "--top-p must be between 0.05 and 1, not 3.0."),
        (["horror", "x", "--seed", "-1"], "--seed must be between 0 and 9223372036854775807, not -1."),
    ],
)
def test_a_mistake_is_one_sentence(
    model: str, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    code, story, said = tell(capsys, *arguments, "--model", model)
    assert (code, story) == (2, "")
    assert sentence in said
    assert said.count("\n") == 1


def test_a_missing_model_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(capsys, "horror", "x", "--model", "./nowhere") == (
        2,
        "",
        "storygen: The model './nowhere' can't be loaded: there is no such folder\n",
    )


@pytest.mark.parametrize("arguments", [[], ["tell"], ["tell", "horror", "x", "--preset", "none"], ["sing"]])
def test_what_can_not_be_understood_exits_with_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2


def start(model: str, *arguments: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "storygen",
        "tell",
        "horror",
        PROMPT,
        "--model",
        model,
        "--threads",
        "1",
        *arguments,
    ]
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    return subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def test_ctrl_c_stops_cleanly(model: str) -> None:
    with start(model, "--max-length", "800") as process:
        assert process.stdout is not None
        assert process.stdout.read(len(PROMPT)) == PROMPT
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode in {0, 130}  # 0 where the story was faster than the signal
    assert "Traceback" not in said


def test_a_reader_that_has_enough_is_no_error(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reading_end, writing_end = os.pipe()
    with os.fdopen(writing_end, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        os.close(reading_end)
        assert main(["tell", "horror", PROMPT, "--model", model, "--threads", "1"]) == 0


def test_a_terminal_is_not_obeyed_whatever_the_model_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_tiny_checkpoint(tmp_path / "wild", shape=TinyShape(any_bytes=True, eos_bias=-30.0))
    assert main(["tell", "horror", "--model", str(folder), "--max-length", "200", "--temperature", "2.0"]) == 0
    told = capsys.readouterr().out
    assert len(told) > 50
    assert not [sign for sign in told if (ord(sign) < 32 and sign not in "\n\t") or 0x7F <= ord(sign) < 0xA0]

"""What a run leaves beside its states: pictures, event files, samples, and what it says before and while it runs."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]

from tests.fakes.tiny_training import tiny_config, weight_bytes
from training.__main__ import main
from training.train.config import TrainingConfig, read_config
from training.train.loss_log import read_losses
from training.train.loss_picture import draw_losses
from training.train.plan import StageStart
from training.train.run import train
from training.train.time_left import in_words

PNG = b"\x89PNG"


@pytest.fixture
def config(tmp_path: Path) -> TrainingConfig:
    return read_config(tiny_config(tmp_path, more='evaluate_sources = ["movie_plots"]\nevaluate_steps = 4'))


def test_a_run_leaves_a_picture_and_event_files(config: TrainingConfig, prepared_films: Path, tmp_path: Path) -> None:
    train(config, prepared_films, tmp_path / "run", tmp_path / "out")
    assert (tmp_path / "run" / "loss.png").read_bytes().startswith(PNG)
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard")).Reload()
    assert [event.step for event in events.Scalars("train/loss")] == [2, 4, 6, 8, 10]
    assert [event.step for event in events.Scalars("validation/movie_plots_loss")] == [4, 8, 10]
    losses = read_losses(tmp_path / "run" / "loss.jsonl")
    assert [step for step, _ in losses["movie_plots"]] == [4, 8, 10]


def test_samples_are_written_and_change_nothing(config: TrainingConfig, prepared_films: Path, tmp_path: Path) -> None:
    with_samples = replace(config, sample_steps=4, sample_tokens=12)
    train(config, prepared_films, tmp_path / "run", tmp_path / "without")
    train(with_samples, prepared_films, tmp_path / "sampled", tmp_path / "with")
    assert weight_bytes(tmp_path / "without") == weight_bytes(tmp_path / "with")
    assert not (tmp_path / "run" / "samples").exists()
    files = sorted((tmp_path / "sampled" / "samples").iterdir())
    assert [file.name for file in files] == ["step-00004.md", "step-00008.md"]
    text = files[0].read_text(encoding="utf-8")
    assert text.startswith("# tiny, step 4\n")
    assert text.count("\n## ") == 6
    assert text.count("tokens)*") == 6


def test_a_dry_run_says_how_large_the_run_is_and_trains_nothing(
    prepared_films: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    arguments = ["train", "--config", str(tiny_config(tmp_path)), "--data", str(prepared_films), "--dry-run"]
    with caplog.at_level(logging.INFO):
        assert main([*arguments, "--run", str(tmp_path / "run"), "--out", str(tmp_path / "out")]) == 0
    (said,) = [record.getMessage() for record in caplog.records if "steps" in record.getMessage()]
    assert said.startswith("10 steps, 2,560 tokens, ")
    assert said.endswith("GB of memory")
    assert not (tmp_path / "out").exists()
    assert not list((tmp_path / "run").glob("checkpoint-*"))


def test_the_log_says_how_much_time_is_left(
    config: TrainingConfig, prepared_films: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        train(config, prepared_films, tmp_path / "run", tmp_path / "out")
    said = [record.getMessage() for record in caplog.records if record.getMessage().startswith("step ")]
    assert [line.split(",")[0] for line in said] == ["step 4 of 10", "step 8 of 10", "step 10 of 10"]
    assert all(line.endswith(" left") for line in said)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "less than a minute"), (89, "1 min"), (3540, "59 min"), (3599, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_time_is_said_as_people_say_it(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_the_picture_of_a_log_with_a_torn_line_and_repeated_steps(tmp_path: Path) -> None:
    log = tmp_path / "loss.jsonl"
    lines = [{"step": 2, "loss": 5.0}, {"step": 4, "loss": 4.0}, {"step": 4, "loss": 3.5}, {"step": 4, "train_loss": 9}]
    log.write_text("\n".join(map(json.dumps, lines)) + '\n{"step": 6, "lo', encoding="utf-8")
    assert read_losses(log) == {"training": [(2, 5.0), (4, 3.5)]}
    stages = [StageStart("plots", 0), StageStart("longer plots", 3), StageStart("not yet reached", 99)]
    draw_losses(log, tmp_path / "loss.png", title="tiny", stages=stages)
    assert (tmp_path / "loss.png").read_bytes().startswith(PNG)
    assert list(tmp_path.glob("*.part*")) == []


def test_without_a_loss_there_is_no_picture(tmp_path: Path) -> None:
    draw_losses(tmp_path / "loss.jsonl", tmp_path / "loss.png", title="tiny")
    assert not (tmp_path / "loss.png").exists()


_KEYS = st.sampled_from(["step", "loss", "eval_films_loss", "other"])
_VALUES = st.one_of(st.integers(0, 9), st.floats(0, 9), st.text(), st.none())


@given(st.lists(st.dictionaries(_KEYS, _VALUES)))
def test_any_log_of_json_lines_can_be_read(tmp_path_factory: pytest.TempPathFactory, lines: list[object]) -> None:
    log = tmp_path_factory.mktemp("log") / "loss.jsonl"
    log.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert set(read_losses(log)) <= {"training", "films"}

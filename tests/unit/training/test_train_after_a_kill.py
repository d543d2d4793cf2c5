"""A process that is really killed, and what a second one makes of what it left."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.tiny_training import tiny_config, weight_bytes
from training.errors import TrainingError
from training.train.config import read_config
from training.train.run import export_state, train

LORA = "lora_rank = 4\noptimizer = 'adamw'\nsample_steps = 3\nsample_tokens = 10\ngradient_checkpointing = true"


def train_and_kill(config: Path, data: Path, folder: Path, step: int) -> None:
    command = [sys.executable, "-m", "tests.fakes.killed_training", str(config), str(data), str(folder), str(step)]
    ended = subprocess.run(command, check=False, capture_output=True, timeout=120)  # noqa: S603  # our own program
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.mark.parametrize("kind", ["whole weights with dropout", "low rank with samples"])
def test_a_killed_and_resumed_run_ends_with_the_same_bytes(
    kind: str, prepared_films: Path, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    low_rank = kind == "low rank with samples"
    path = tiny_config(tmp_path, base=tiny_checkpoint, more=LORA) if low_rank else tiny_config(tmp_path)
    config = read_config(path)
    train_and_kill(path, prepared_films, tmp_path, step=6)
    assert not (tmp_path / "out").exists()
    train(config, prepared_films, tmp_path / "whole", tmp_path / "whole_out")
    export_state(config, prepared_films, tmp_path / "run", tmp_path / "state")
    assert weight_bytes(tmp_path / "state") != weight_bytes(tmp_path / "whole_out")
    train(config, prepared_films, tmp_path / "run", tmp_path / "out", resume=True)
    assert weight_bytes(tmp_path / "whole_out") == weight_bytes(tmp_path / "out")
    export_state(config, prepared_films, tmp_path / "run", tmp_path / "state")
    assert weight_bytes(tmp_path / "state") == weight_bytes(tmp_path / "out")


def test_a_state_that_was_being_saved_is_passed_over(prepared_films: Path, tmp_path: Path) -> None:
    config = read_config(tiny_config(tmp_path))
    train(config, prepared_films, tmp_path / "run", tmp_path / "out")
    (tmp_path / "run" / "checkpoint-10" / "trainer_state.json").write_text('{"global_st', encoding="utf-8")
    (tmp_path / "run" / "checkpoint-10" / "optimizer.pt").unlink()
    train(config, prepared_films, tmp_path / "run", tmp_path / "again", resume=True)
    assert weight_bytes(tmp_path / "again") == weight_bytes(tmp_path / "out")


def test_with_nothing_but_a_broken_state_there_is_nothing_to_resume(prepared_films: Path, tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoint-4").mkdir(parents=True)
    with pytest.raises(TrainingError, match="no state to resume"):
        train(read_config(tiny_config(tmp_path)), prepared_films, tmp_path / "run", tmp_path / "out", resume=True)

"""A full memory ends in one sentence that names the setting to lower."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Trainer

from tests.fakes.tiny_training import tiny_config, weight_bytes
from training.__main__ import main
from training.errors import TrainingError
from training.train.config import read_config
from training.train.memory import naming_the_setting
from training.train.run import train


def full_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a step ask for more memory than there is: a petabyte, so that torch itself refuses."""
    really = Trainer.training_step

    def hungry(trainer: Trainer, *arguments: Any, **named: Any) -> torch.Tensor:
        if trainer.state.global_step == step:
            torch.empty(2**48)
        return really(trainer, *arguments, **named)

    monkeypatch.setattr(Trainer, "training_step", hungry)


def test_the_sentence_names_the_setting_and_the_run_goes_on_later(
    prepared_films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tiny_config(tmp_path)
    arguments = ["train", "--config", str(path), "--data", str(prepared_films)]
    folders = ["--run", str(tmp_path / "run"), "--out", str(tmp_path / "out")]
    with monkeypatch.context() as patch:
        full_at(6, patch)
        assert main([*arguments, *folders]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("storytrain train: The memory is full: lower micro_batch_tokens")
    assert "now 128" in said
    assert said.endswith("then go on with --resume.")
    train(read_config(path), prepared_films, tmp_path / "run", tmp_path / "out", resume=True)
    train(read_config(path), prepared_films, tmp_path / "whole", tmp_path / "whole_out")
    assert weight_bytes(tmp_path / "out") == weight_bytes(tmp_path / "whole_out")


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("CUDA error: out of memory"),
    ],
)
def test_every_kind_of_full_memory_is_known(error: Exception, tmp_path: Path) -> None:
    config = read_config(tiny_config(tmp_path))
    with (
        pytest.raises(TrainingError, match=r"micro_batch_tokens.*start again"),
        naming_the_setting(config, tmp_path / "run"),
    ):
        raise error


def test_another_error_stays_what_it_is(tmp_path: Path) -> None:
    config = read_config(tiny_config(tmp_path))
    with pytest.raises(RuntimeError, match="shapes"), naming_the_setting(config, tmp_path):
        raise RuntimeError("shapes do not fit")

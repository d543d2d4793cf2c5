"""`accelerate launch` with two real processes beside one: the same training, and only one of them writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import pytest
import torch

from storygen.checkpoint import load
from tests.fakes.tiny_training import tiny_config
from training.train.config import read_config
from training.train.run import train

MORE = 'sample_steps = 5\nsample_tokens = 10\nevaluate_sources = ["movie_plots"]\nevaluate_steps = 5'


def launch(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = [
        sys.executable,
        "-m",
        "accelerate.commands.launch",
        "--multi_gpu",
        "--num_processes",
        "2",
        "--num_machines",
    ]
    command = [*program, "1", "--main_process_port", "0", "--mixed_precision", "no", "--dynamo_backend", "no"]
    return subprocess.run(  # noqa: S603  # our own program
        [*command, "-m", "training", "train", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=170,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


@pytest.mark.slow
def test_two_processes_train_as_one_does(prepared_films: Path, tmp_path: Path) -> None:
    path = tiny_config(tmp_path, more=MORE)
    # Each process would leave out activations of its own.
    path.write_text(path.read_text(encoding="utf-8").replace("dropout = 0.1", "dropout = 0.0"), encoding="utf-8")
    folders = ["--run", str(tmp_path / "run"), "--out", str(tmp_path / "out")]
    ended = launch("--config", str(path), "--data", str(prepared_films), *folders)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("is ready") == 1
    assert ended.stderr.count(" steps, ") == 1
    logged = [json.loads(line) for line in (tmp_path / "run" / "loss.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["step"] for line in logged if "loss" in line] == [2, 4, 6, 8, 10]
    train(read_config(path), prepared_films, tmp_path / "alone", tmp_path / "alone_out")
    together, alone = (attrgetter("model")(load(str(tmp_path / name))) for name in ("out", "alone_out"))
    for (name, ours), (_, theirs) in zip(together.named_parameters(), alone.named_parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=2e-3), name
    names = [sorted(path.name for path in (tmp_path / run / "samples").iterdir()) for run in ("run", "alone")]
    assert names == [["step-00005.md", "step-00010.md"]] * 2


@pytest.mark.slow
def test_a_batch_that_processes_cant_share_is_named(prepared_films: Path, tmp_path: Path) -> None:
    path = tiny_config(tmp_path)
    text = path.read_text(encoding="utf-8").replace("micro_batch_tokens = 128", "micro_batch_tokens = 256")
    path.write_text(text, encoding="utf-8")
    folders = ["--run", str(tmp_path / "run"), "--out", str(tmp_path / "out")]
    ended = launch("--config", str(path), "--data", str(prepared_films), *folders)
    assert ended.returncode != 0
    assert (
        "take 512 tokens at once, which does not divide batch_tokens = 256; lower micro_batch_tokens." in ended.stderr
    )

"""What the built-in model takes of the machine's memory, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from storygen.checkpoint import BUILTIN, checkpoint_path

_MEGABYTES = 700
_PROGRAM = """
import psutil
from storygen.engines.model_input import ModelInput
from storygen.engines.loading import load_writer
from storygen.sampling import SamplingOptions

def write(stories, tokens):
    for seed in range(0, stories, 8):
        for more in range(8):
            window = writer.window(ModelInput(text="<BOS> <horror> The ship" + " left" * more), tokens)
            writer.begin(window, SamplingOptions(max_new_tokens=tokens), seed + more)
        running = 8
        while running:
            running -= sum(1 for progress in writer.step() if progress.ended)

writer = load_writer("builtin", device="cpu", rows=8, threads=1)
for stories, tokens in ((8, 150), (40, 5), (200, 5)):
    write(stories, tokens)
    print(psutil.Process().memory_info().rss // 10**6)
"""


def test_the_built_in_model_is_small_and_stays_so() -> None:
    if not Path(checkpoint_path(BUILTIN), "model.safetensors").is_file():
        pytest.skip("this checkout has no built-in model")
    if torch.version.cuda:
        pytest.skip("torch's build for CUDA takes some 250 MB more for itself")
    run = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=150, check=False
    )
    assert run.returncode == 0, run.stderr
    _, warm, later = (int(line) for line in run.stdout.splitlines())
    assert later < _MEGABYTES
    assert later - warm < 20

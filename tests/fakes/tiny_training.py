"""Configurations of runs that take a second or two, and what their results are compared by."""

from __future__ import annotations

from pathlib import Path

_FROM_NOTHING = """
vocabulary = 300
tokenizer_sources = { movie_plots = 1 }
positions = 64
embedding = 32
layers = 2
heads = 2
dropout = 0.1
"""

_REST = """
batch_tokens = 256
micro_batch_tokens = 128
learning_rate = 3e-3
warmup_steps = 2
bf16 = false
log_steps = 2
save_steps = 4
stages = [{ name = "plots", block = 64, sources = { movie_plots = 1 }, batches = 20 }]
"""


def tiny_config(folder: Path, *, base: Path | None = None, more: str = "") -> Path:
    """Write a configuration of ten steps into ``folder`` and give its path; ``more`` are further lines of it."""
    beginning = f'base = "{base}"\npositions = 64\n' if base else _FROM_NOTHING
    path = folder / "tiny.toml"
    path.write_text(f'name = "tiny"\n{beginning}{more}\n{_REST}', encoding="utf-8")
    return path


def weight_bytes(checkpoint: Path) -> dict[str, bytes]:
    """Give the files of weights of a checkpoint, byte by byte."""
    return {path.name: path.read_bytes() for path in checkpoint.glob("*.safetensors")}

"""The tensors of one model copy: add a row, step all rows, remove a row. Built, used and freed on one worker's thread.

With ``gpt2_forward``, ``kv_cache``, ``projection`` and ``sampler`` the only engine files with torch;
import this one where it is used.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import GPT2LMHeadModel

from storygen.engines.gpt2_forward import Gpt2Forward
from storygen.engines.sampler import Sampler
from storygen.sampling import SamplingOptions


@dataclass(slots=True)
class _Row:
    token: int
    """The newest token, not yet read by the model."""
    position: int


class ModelRunner:
    """A GPT-2 that writes up to ``rows`` texts at once, each with its own options, joining and leaving at any step."""

    def __init__(self, model: GPT2LMHeadModel, *, rows: int, ends: Sequence[int], forbidden: Sequence[int]) -> None:
        self.n_positions: int = model.config.n_positions
        self._forward = Gpt2Forward(model)
        self._cache = self._forward.new_cache()
        self._sampler = Sampler(
            rows=rows,
            vocabulary=model.lm_head.weight.shape[0],
            ends=ends,
            forbidden=forbidden,
            device=self._forward.device,
        )
        self._rows: list[_Row | None] = [None] * rows

    @property
    def free_rows(self) -> int:
        """How many texts can be added now."""
        return self._rows.count(None)

    @property
    def cache_bytes(self) -> int:
        """Memory that keys and values take now; 0 when no row is in use."""
        return self._cache.bytes_held

    def add(self, prompt: Sequence[int], options: SamplingOptions, seed: int) -> int:
        """Read a prompt into a free row and give the row's number. Takes as long as the prompt is.

        Raises ValueError where no row is free, or the prompt is empty or fills all positions.
        """
        if not 0 < len(prompt) < self.n_positions:
            raise ValueError(f"a prompt of {len(prompt)} tokens does not fit {self.n_positions} positions")
        row = self._rows.index(None)
        self._cache.reserve(row + 1, len(prompt))
        with torch.inference_mode():
            if len(prompt) > 1:
                self._forward.read_prompt(self._cache, row, list(prompt[:-1]))
            self._sampler.add(row, prompt, options, seed)
        self._rows[row] = _Row(prompt[-1], len(prompt) - 1)
        return row

    def step(self) -> dict[int, int]:
        """Write one token in every row in use and give them by row. Removing rows that have ended is the caller's.

        Raises ValueError where a row has no position left.
        """
        if not self._used():
            return {}
        positions = [row.position if row else 0 for row in self._used()]
        if max(positions) >= self.n_positions:
            raise ValueError(f"a row has used all {self.n_positions} positions")
        self._cache.reserve(len(positions), max(positions) + 1)
        with torch.inference_mode():
            logits = self._forward.step(self._cache, [row.token if row else 0 for row in self._used()], positions)
            drawn = self._sampler.draw(logits)
        for number, token in drawn.items():
            self._rows[number] = _Row(token, positions[number] + 1)
        return drawn

    def remove(self, row: int) -> None:
        """Free a row, between steps; with the last one its memory goes too. Raises ValueError for one not in use."""
        if self._rows[row] is None:
            raise ValueError(f"row {row} is not in use")
        self._rows[row] = None
        self._sampler.remove(row)
        if not self._used():
            self._cache.release()

    def _used(self) -> list[_Row | None]:
        """Give the rows up to the last one in use; free ones between are computed along, their result unused."""
        last = max((number for number, row in enumerate(self._rows) if row), default=-1)
        return self._rows[: last + 1]


def choose_device(device: str) -> str:
    """Give ``cuda`` or ``cpu`` for ``auto``, anything else as it is."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return device


def limit_threads(threads: int, workers: int = 1) -> None:
    """Set how many CPU threads the calling thread's tensors use; 0 shares all cores but one among the workers."""
    if threads < 1:
        affinity = getattr(os, "sched_getaffinity", None)
        cores = len(affinity(0)) if affinity else os.cpu_count() or 1
        threads = max(1, (cores - 1) // workers)
    torch.set_num_threads(threads)

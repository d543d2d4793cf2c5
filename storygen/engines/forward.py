"""What the runner asks of a model's arithmetic, whoever does it: torch on any device, or the compiled kernels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from storygen.engines.row_independence import BatchRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of a prompt that is to be read."""

    row: int
    start: int
    """The position of its first token."""
    token_ids: Sequence[int]


class Cache(Protocol):
    """The keys and values of every row."""

    @property
    def bytes_held(self) -> int:
        """Memory that the cache takes now."""
        ...

    def reserve(self, rows: int, length: int) -> None:
        """Make room for ``rows`` rows of ``length`` positions; what is there stays, also where that has no room."""
        ...

    def keep_rows(self, rows: int) -> None:
        """Give back the memory of all rows but the first ``rows``."""
        ...

    def release(self) -> None:
        """Give all memory back; every row is lost."""
        ...


class Forward(Protocol):
    """A model as a function: one step of all rows to logits, and pieces of prompts into its cache."""

    @property
    def device(self) -> torch.device:
        """Where it computes, and where its logits are."""
        ...

    @property
    def cache(self) -> Cache:
        """What it has read."""
        ...

    @property
    def weight_bytes(self) -> int:
        """Bytes of weights that one step reads, however many rows it has: those of the layers and of the head."""
        ...

    def batch_rule(self, *, rows: int, chunk: int) -> BatchRule:
        """Say how a step of up to ``rows`` rows and ``chunk`` prompt tokens is put together so that no row differs."""
        ...

    def read(self, chunks: Sequence[Chunk]) -> None:
        """Write the keys and values of pieces of prompts, without a step of the rows that write."""
        ...

    def step(
        self,
        tokens: Tensor,
        positions: Tensor,
        length: int,
        chunks: Sequence[Chunk] = (),
        *,
        wanted: Sequence[int] | None = None,
    ) -> Tensor:
        """Read one token of each of the first rows, at its own position, and give the next one's logits in float32.

        Rows are looked at up to ``length``. The pieces of prompts are read along the way. Only the logits of the
        ``wanted`` rows will be looked at; the others' may be anything.
        """
        ...

"""The keys and values of every row, on one device: preallocated, grown by need. On the worker's thread only."""

from __future__ import annotations

import torch
from torch import Tensor

BLOCK = 64
"""Lengths are rounded up to this many positions.

On the CPU a row's attention then gives the same bits whatever the longest row beside it is:
padding to another length changes how the sums are taken, padding to whole blocks does not (measured).
"""


class KeyValueCache:
    """One pair of tensors a layer, each ``[rows, heads, length, head_dim]``."""

    def __init__(self, *, layers: int, heads: int, head_dim: int, device: torch.device, dtype: torch.dtype) -> None:
        self._layers = layers
        self._heads = heads
        self._head_dim = head_dim
        self._device = device
        self._rows = 0
        self._length = 0
        self._pairs: list[tuple[Tensor, Tensor]] = []
        self.dtype = dtype
        self.release()

    @property
    def bytes_held(self) -> int:
        """Memory that the cache takes now."""
        return sum(tensor.nbytes for pair in self._pairs for tensor in pair)

    def reserve(self, rows: int, length: int) -> None:
        """Make room for ``rows`` rows of ``length`` positions; what is there stays, also where that has no room."""
        rows, length = max(rows, self._rows), max(whole_blocks(length), self._length)
        if (rows, length) == (self._rows, self._length):
            return
        for layer in range(self._layers):  # one layer at a time, so that never two whole caches exist
            keys, values = self._pairs[layer]
            try:
                self._pairs[layer] = (self._grown(keys, rows, length), self._grown(values, rows, length))
            except (RuntimeError, MemoryError):
                self._cut_back(layer)
                raise
        self._rows, self._length = rows, length

    def keep_rows(self, rows: int) -> None:
        """Give back the memory of all rows but the first ``rows``."""
        if rows >= self._rows:
            return
        for layer in range(self._layers):
            keys, values = (held[:rows] for held in self._pairs[layer])
            try:
                self._pairs[layer] = (keys.clone(), values.clone())
            except (RuntimeError, MemoryError):  # so full that there is no room for a smaller one beside it
                self._pairs[layer] = (keys, values)
        self._rows = rows

    def _cut_back(self, layers: int) -> None:
        """Bring the first layers back to the size of the others: there was no memory for all of them."""
        for layer in range(layers):
            keys, values = (held[: self._rows, :, : self._length].clone() for held in self._pairs[layer])
            self._pairs[layer] = (keys, values)

    def release(self) -> None:
        """Give all memory back; every row is lost."""
        empty = torch.empty(0, self._heads, 0, self._head_dim, device=self._device, dtype=self.dtype)
        self._pairs = [(empty, empty)] * self._layers
        self._rows = self._length = 0

    def write_prompt(self, layer: int, row: int, start: int, keys: Tensor, values: Tensor) -> None:
        """Fill positions of one row from ``start`` on: ``[heads, positions, head_dim]``."""
        for held, new in zip(self._pairs[layer], (keys, values), strict=True):
            held[row, :, start : start + new.shape[1]] = new

    def places(self, positions: Tensor) -> Tensor:
        """Give where ``write_step`` puts one position of each of the first rows; the same in all layers."""
        lines = torch.arange(len(positions) * self._heads, device=self._device) * self._length
        return (lines.view(-1, self._heads) + positions[:, None]).view(-1)

    def write_step(self, layer: int, places: Tensor, keys: Tensor, values: Tensor) -> None:
        """Fill one position of each row: ``[rows * heads, head_dim]`` at ``places``."""
        for held, new in zip(self._pairs[layer], (keys, values), strict=True):
            held.view(-1, self._head_dim).index_copy_(0, places, new)

    def read(self, layer: int, rows: int, length: int) -> tuple[Tensor, Tensor]:
        """Give keys and values of the first ``rows`` rows, up to ``length`` in whole blocks; no copy."""
        keys, values = self._pairs[layer]
        length = whole_blocks(length)
        return keys[:rows, :, :length], values[:rows, :, :length]

    def read_row(self, layer: int, row: int, length: int) -> tuple[Tensor, Tensor]:
        """Give keys and values of one row up to ``length``, ``[1, heads, length, head_dim]``; no copy."""
        keys, values = self._pairs[layer]
        return keys[row : row + 1, :, :length], values[row : row + 1, :, :length]

    def _grown(self, held: Tensor, rows: int, length: int) -> Tensor:
        # Zeros: what is masked is still multiplied, and 0 times a stray NaN is NaN.
        grown = torch.zeros(rows, self._heads, length, self._head_dim, device=self._device, dtype=self.dtype)
        grown[: held.shape[0], :, : held.shape[2]] = held
        return grown


def whole_blocks(length: int) -> int:
    """Round a length up to whole blocks."""
    return -(-length // BLOCK) * BLOCK

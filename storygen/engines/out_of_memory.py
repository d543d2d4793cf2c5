"""Which errors mean that the device's memory is full."""

from __future__ import annotations

import torch

_ON_CPU = "not enough memory"
"""What torch's allocator on the CPU says, in an error that is only a RuntimeError."""


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that there was no memory left, on a GPU or on the CPU."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and _ON_CPU in str(error)
    )


def free_what_is_idle() -> None:
    """Give back what torch keeps for later allocations; without a GPU there is nothing of the kind."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()

"""The number formats that a model's weights may be kept in, and which of them this machine can compute with.

A format is tried once in a process, against plain arithmetic: the kernels are private operations of torch,
and int8 is inexact on processors that lack its instructions. What is only slow is not chosen, but may be asked for.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache, partial

import torch
from torch import Tensor

from storygen.engines.int8_projection import Int8Projection
from storygen.engines.native.library import library
from storygen.engines.native.projection import NativeProjection
from storygen.engines.projection import MakeProjection, PackedProjection, PlainProjection

FLOAT32, BFLOAT16, FLOAT16, INT8 = "float32", "bfloat16", "float16", "int8"
AUTO = "auto"

_PROBE_FEATURES = 512
_NEAR = 0.02  # of the largest value; bfloat16 has three digits

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """How a model's numbers are kept and multiplied."""

    name: str
    make: MakeProjection
    make_head: MakeProjection
    """Of the product that makes logits: in bfloat16 many tokens would tie, and none could say which is the 50th."""
    tables: torch.dtype
    """Of what is only looked up: the embeddings."""
    cache: torch.dtype
    """Of keys and values."""

    @property
    def weight_width(self) -> int:
        """Bytes of a layer's weight."""
        return {FLOAT32: 4, BFLOAT16: 2, FLOAT16: 2, INT8: 1}[self.name]

    @property
    def head_width(self) -> int:
        """Bytes of a weight of the product that makes logits."""
        return 1 if self.name == INT8 else 4


def number_format(name: str, device: str = "cpu") -> NumberFormat:
    """Give a format by name for a device; float32, with a line in the log, where this machine can't compute in it.

    Raises ValueError for a name that is none.
    """
    if name not in names(device):
        raise ValueError(f"{name} is no number format for {device}; there are {', '.join(names(device))}")
    if torch.device(device).type == "cuda":
        return _on_gpu(name)
    if not works(name):
        log.warning("this machine can't compute in %s; float32 is used", name)
        name = FLOAT32
    return _on_cpu(name)


def names(device: str) -> tuple[str, ...]:
    """Give the formats that there are for a device, the most exact first."""
    if torch.device(device).type == "cuda":
        return FLOAT32, BFLOAT16, FLOAT16
    return FLOAT32, BFLOAT16, INT8


@cache
def works(name: str) -> bool:
    """Say whether this machine's CPU computes rightly in a format."""
    if name == FLOAT32:
        return True
    try:
        return _computes(_kernels(name))
    except (AttributeError, RuntimeError, TypeError) as error:
        log.info("torch has no kernels for %s here: %s", name, str(error).partition("\n")[0])
        return False


def _on_gpu(name: str) -> NumberFormat:
    dtype: torch.dtype = getattr(torch, name)
    make = partial(PlainProjection, dtype=dtype)
    return NumberFormat(name=name, make=make, make_head=PlainProjection, tables=dtype, cache=dtype)


def _on_cpu(name: str) -> NumberFormat:
    # Keys and values stay in float32: torch's attention on the CPU is slower with shorter ones (measured).
    tables = torch.float32 if name == FLOAT32 else torch.float16
    head = INT8 if name == INT8 else FLOAT32
    return NumberFormat(name=name, make=_kernels(name), make_head=_kernels(head), tables=tables, cache=torch.float32)


def _kernels(name: str) -> MakeProjection:
    if name == INT8:
        compiled = library()
        return partial(NativeProjection, compiled) if compiled else Int8Projection
    if name == BFLOAT16:
        return partial(PackedProjection, dtype=torch.bfloat16)
    return PackedProjection if _has_packed_float32() else PlainProjection


@cache
def _has_packed_float32() -> bool:
    try:
        if _computes(PackedProjection):
            return True
    except (AttributeError, RuntimeError, TypeError) as error:
        log.info("torch has no packed product here: %s", str(error).partition("\n")[0])
    return False


def _computes(make: MakeProjection) -> bool:
    """Compare with plain arithmetic, also where every number is as large as it can be and sums would overflow."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, _PROBE_FEATURES, generator=generator)
    weight = torch.randn(64, _PROBE_FEATURES, generator=generator)
    pairs = (x, weight), (torch.ones_like(x), torch.ones_like(weight))
    return all(_near(make(weight, None)(x).float(), x @ weight.t()) for x, weight in pairs)


def _near(found: Tensor, expected: Tensor) -> bool:
    return bool((found - expected).abs().max() <= _NEAR * expected.abs().max())

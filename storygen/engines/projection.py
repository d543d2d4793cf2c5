"""A layer's matrix product, with its weight kept as the device's kernels like it. On the worker's thread only.

oneDNN's packed products are what torch's compiler calls on a CPU. They are private operations of torch,
so each way is tried once against plain arithmetic, and where it is missing another is taken.
"""

from __future__ import annotations

from typing import Protocol

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from torch import Tensor


class Projection(Protocol):
    """``x @ weight.T + bias``, and GELU (tanh) over it where it was made so."""

    def __call__(self, x: Tensor) -> Tensor:
        """Project ``[rows, features]``; the answer's numbers may be shorter than those of ``x``."""
        ...


class MakeProjection(Protocol):
    """Makes a projection of one number format. The weight is ``[out, in]`` in float32."""

    def __call__(self, weight: Tensor, bias: Tensor | None, *, gelu: bool = False) -> Projection:
        """Copy what it needs; the weight may go afterwards."""
        ...


class PlainProjection:
    """torch's own product, for a GPU, and for a CPU where torch lacks the packed one."""

    def __init__(
        self, weight: Tensor, bias: Tensor | None, *, gelu: bool = False, dtype: torch.dtype = torch.float32
    ) -> None:
        self._weight = weight.to(dtype, copy=True).contiguous()
        self._bias = None if bias is None else bias.to(dtype, copy=True)
        self._gelu = gelu

    def __call__(self, x: Tensor) -> Tensor:
        """Project; the answer has the weight's numbers."""
        product = F.linear(x.to(self._weight.dtype), self._weight, self._bias)
        return F.gelu(product, approximate="tanh") if self._gelu else product


class PackedProjection:
    """oneDNN's packed product on the CPU, in float32 or bfloat16."""

    def __init__(
        self, weight: Tensor, bias: Tensor | None, *, gelu: bool = False, dtype: torch.dtype = torch.float32
    ) -> None:
        self._dtype = dtype
        self._packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(  # noqa: SLF001 - see above
            weight.to(dtype).contiguous(), None
        )
        self._bias = None if bias is None else bias.to(dtype, copy=True)
        self._after = ("gelu", "tanh") if gelu else ("none", "")

    def __call__(self, x: Tensor) -> Tensor:
        """Project; the answer has the weight's numbers."""
        kind, algorithm = self._after
        product: Tensor = torch.ops.mkldnn._linear_pointwise(  # noqa: SLF001 - see above
            x.to(self._dtype), self._packed, self._bias, kind, [], algorithm
        )
        return product

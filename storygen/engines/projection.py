"""A matrix product whose rows do not depend on one another. On the worker's thread only."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from torch import Tensor


class Projection:
    """``x @ weight.T + bias`` with the weight kept as the CPU's kernels like it.

    oneDNN's packed product gives a row the same bits in any batch, which the plain one does not below
    four rows, and is up to twice as fast. It is what torch's compiler calls; where this build of torch
    lacks it, and on a GPU, the plain product is taken, and a story may differ with its neighbours
    in the rare case that rounding decides.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self._bias = bias
        self._packed = _pack(weight)
        self._weight = None if self._packed is not None else weight.contiguous()

    def __call__(self, x: Tensor) -> Tensor:
        """Project ``[rows, features]``."""
        if self._packed is not None:
            return _packed_product(x, self._packed, self._bias)
        if self._weight is None:
            raise RuntimeError("a projection holds its weight packed or plain")
        return F.linear(x, self._weight, self._bias)


def _pack(weight: Tensor) -> Tensor | None:
    if weight.device.type != "cpu":
        return None
    try:
        packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), None)  # noqa: SLF001 - see above
        probe = torch.ones(1, weight.shape[1])
        fits = torch.allclose(_packed_product(probe, packed, None), F.linear(probe, weight), rtol=1e-3, atol=1e-3)
    except (AttributeError, RuntimeError, TypeError):
        return None
    return packed if fits else None


def _packed_product(x: Tensor, packed: Tensor, bias: Tensor | None) -> Tensor:
    product: Tensor = torch.ops.mkldnn._linear_pointwise(x, packed, bias, "none", [], "")  # noqa: SLF001 - see above
    return product

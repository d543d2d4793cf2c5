"""A product in whole numbers of eight bits. On the worker's thread only.

Each row of activations and each output has a scale of its own (dynamic quantization per token and per
channel, as in Dettmers et al. 2022, LLM.int8()). The sums are whole numbers and exact, so that a row's
result does not depend on how, or beside which rows, it is summed.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from torch import Tensor

_LARGEST = 127
_ZERO = 128
"""What stands for nought in the activations: the CPU's instruction takes them without a sign."""
_AT_ONCE = 4096  # outputs that are rounded at once: the head of a large vocabulary is the largest tensor of all
_LEAST_SCALE = 1e-12  # a row of noughts has no largest value


class Int8Projection:
    """oneDNN's product of unsigned activations and signed weights; needs a CPU with VNNI to be fast and exact."""

    def __init__(self, weight: Tensor, bias: Tensor | None, *, gelu: bool = False) -> None:
        scales = torch.empty(len(weight))
        whole = torch.empty(weight.shape, dtype=torch.int8)
        for start in range(0, len(weight), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            scales[part] = (weight[part].abs().amax(dim=1) / _LARGEST).clamp_min(_LEAST_SCALE)
            whole[part] = (weight[part] / scales[part, None]).round_()
        self._packed: Tensor = torch.ops.onednn.qlinear_prepack(whole, None)
        self._scales = scales / _LARGEST  # the activations' share of 1/127, so that no step has to divide by it
        self._zeros = torch.zeros(len(scales), dtype=torch.int64)
        self._bias = None if bias is None else bias.clone()
        self._half = torch.tensor(_ZERO + 0.5)  # a half, since the cast cuts off
        self._gelu = gelu

    def __call__(self, x: Tensor) -> Tensor:
        """Project float32 to float32."""
        largest = x.abs().amax(dim=1, keepdim=True).clamp_min_(_LEAST_SCALE)
        whole = torch.addcdiv(self._half, x, largest, value=_LARGEST).to(torch.uint8)
        product: Tensor = torch.ops.onednn.qlinear_pointwise(
            whole, 1.0, _ZERO, self._packed, self._scales, self._zeros, None, 1.0, 0, torch.float32, "none", [], ""
        )
        product = product.mul_(largest) if self._bias is None else torch.addcmul(self._bias, product, largest)
        return F.gelu(product, approximate="tanh") if self._gelu else product

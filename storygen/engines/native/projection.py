"""A product in whole numbers of eight bits by the compiled library. On the worker's thread only."""

from __future__ import annotations

import weakref
from ctypes import CDLL

import torch
from torch import Tensor

from storygen.engines.native.library import enough
from storygen.engines.native.team import team_of_this_thread


class NativeProjection:
    """The same arithmetic as ``Int8Projection``: a scale for each row and each output, and exact sums."""

    def __init__(self, library: CDLL, weight: Tensor, bias: Tensor | None, *, gelu: bool = False) -> None:
        outputs, inputs = weight.shape
        weight = weight.float()
        shift = bias.float().contiguous() if bias is not None else None
        self._library = library
        self._outputs = outputs
        self._gelu = gelu
        self._handle: int = library.product_new(
            outputs, inputs, weight.data_ptr(), *weight.stride(), shift.data_ptr() if shift is not None else None
        )
        enough(self._handle)
        weakref.finalize(self, library.product_free, self._handle)

    def __call__(self, x: Tensor) -> Tensor:
        """Project float32 to float32."""
        x, answer = x.contiguous(), torch.empty(len(x), self._outputs)
        team = team_of_this_thread(self._library, torch.get_num_threads())
        enough(
            self._library.product_run(
                self._handle, team.handle, len(x), x.data_ptr(), answer.data_ptr(), int(self._gelu)
            )
        )
        return answer

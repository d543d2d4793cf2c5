"""A decode step whose shapes never change: on a GPU one recorded graph instead of hundreds of launches.

All rows are computed in every step, up to the last position, used or not. That costs little on a GPU, which
waits for weights, and a row's arithmetic can't depend on its neighbours. On the worker's thread only.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import torch
from torch import Tensor

from storygen.engines.forward import Forward

_WARM_UP = 3  # steps before recording, so that kernels are chosen and their memory is there

log = logging.getLogger(__name__)


class StaticStep:
    """A step of all rows over a cache that has room for them, and stays where it is."""

    def __init__(self, forward: Forward, *, rows: int, length: int) -> None:
        self._forward = forward
        self._length = length
        self._tokens = torch.zeros(rows, dtype=torch.long, device=forward.device)
        self._positions = torch.zeros(rows, dtype=torch.long, device=forward.device)
        self._logits: Tensor | None = None
        self._graph = self._recorded() if forward.device.type == "cuda" else None

    def __call__(self, tokens: Sequence[int], positions: Sequence[int]) -> Tensor:
        """Step all rows; the logits are overwritten by the next call."""
        self._tokens.copy_(torch.tensor(tokens))
        self._positions.copy_(torch.tensor(positions))
        if self._graph is None or self._logits is None:
            return self._step()
        self._graph.replay()
        return self._logits

    def _step(self) -> Tensor:
        return self._forward.step(self._tokens, self._positions, self._length)

    def _recorded(self) -> torch.cuda.CUDAGraph | None:
        try:
            return self._record()
        except RuntimeError as error:
            log.warning("the step can't be recorded as a CUDA graph: %s", str(error).partition("\n")[0])
            return None

    def _record(self) -> torch.cuda.CUDAGraph:
        aside: torch.cuda.Stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(_WARM_UP):
                self._step()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._logits = self._step()
        return graph

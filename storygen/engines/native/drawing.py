"""From scores to tokens by the compiled library: each row by its own options, without sorting a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import CDLL, c_int32

from torch import Tensor

from storygen.engines.native.library import Sampling, enough
from storygen.sampling import SamplingOptions


def draw(by: CDLL, scores: Tensor, options: Sequence[SamplingOptions], uniforms: Sequence[float]) -> list[int]:
    """Give a token for each line of float32 scores; ``uniforms`` say where in the distribution the draw falls.

    The candidates and their probabilities are those of ``candidate_probabilities``. A row without ``do_sample`` gets
    its most probable token.
    """
    rows = [_sampling(number, *each) for number, each in enumerate(zip(options, uniforms, strict=True))]
    scores = scores.contiguous()
    tokens = (c_int32 * len(rows))()
    enough(by.draw_tokens(scores.data_ptr(), len(rows), scores.shape[1], (Sampling * len(rows))(*rows), tokens))
    return list(tokens)


def _sampling(row: int, options: SamplingOptions, uniform: float) -> Sampling:
    if not options.do_sample:
        return Sampling(row=row, top_k=1, top_p=1.0, temperature=1.0, uniform=0.0)
    return Sampling(row=row, top_k=options.top_k, top_p=options.top_p, temperature=options.temperature, uniform=uniform)

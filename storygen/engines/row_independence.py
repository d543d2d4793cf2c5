"""Does a row's result depend on how many rows are beside it? Tried on the machine, since kernels differ by shape.

"A recipe repeats its story whatever shares the batch" rests on this. What was seen: a product of float32
takes its sums in another order for one row of 3072 inputs than for two; torch's plain one below four rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from storygen.engines.projection import Projection

_COUNTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 96, 127, 128, 129)
_WORTH_FILLING = 8  # lines; filling up further costs more than reading prompts apart


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRule:
    """How a step must be put together so that no row depends on its neighbours."""

    least_rows: int
    """A step of fewer is filled up with lines that nobody reads."""
    prompts_join: bool
    """Whether pieces of prompts may be read in the same step as the rows that write."""


@dataclass(frozen=True, slots=True)
class Product:
    """A projection and what its kernel is chosen by."""

    projection: Projection
    inputs: int
    outputs: int


def batch_rule(dtype: str, layer: Sequence[Product], head: Product, *, rows: int, chunk: int) -> BatchRule:
    """Try the products of a layer and the head, once in a process for each shape."""
    sizes = tuple((product.inputs, product.outputs) for product in (*layer, head))
    key = (dtype, torch.get_num_threads(), rows, chunk, sizes)
    if key not in _known:
        _known[key] = _tried(layer, head, rows, chunk)
    return _known[key]


_known: dict[tuple[object, ...], BatchRule] = {}


def _tried(layer: Sequence[Product], head: Product, rows: int, chunk: int) -> BatchRule:
    joined = max(_least_rows(product, rows + chunk) for product in layer)
    prompts_join = joined <= max(rows, _WORTH_FILLING)
    if not prompts_join:
        joined = max(_least_rows(product, rows) for product in layer)
    return BatchRule(least_rows=max(joined, _least_rows(head, max(rows, joined))), prompts_join=prompts_join)


def _least_rows(product: Product, most: int) -> int:
    """Give from how many rows on a row has the same bits as it has among ``most``."""
    x = torch.randn(most, product.inputs, generator=torch.Generator().manual_seed(0))
    together, least = product.projection(x), most
    for count in sorted({*_COUNTS, most - 1} & set(range(1, most)), reverse=True):
        if not _agrees(product.projection, x, together, count):
            break
        least = count
    return least


def _agrees(product: Projection, x: Tensor, together: Tensor, count: int) -> bool:
    """Try the first and the last rows, so that the place among the rows is tried too."""
    first, last = product(x[:count].contiguous()), product(x[-count:].contiguous())
    return torch.equal(first, together[:count]) and torch.equal(last, together[-count:])

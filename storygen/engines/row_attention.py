"""Attention of rows that write one token each: one query a row over all that it has read.

On a CPU, torch's fused attention is made for many queries at once; for one, two plain products are faster:
with 12 heads of 64, 128 positions and 8 rows 4.9 ms for 12 layers instead of 7.5, with 32 rows 21 instead of 32
(one core of an AMD EPYC). They are used where a row's bits depend neither on the rows beside it nor on how many
masked positions follow its own, which is tried on the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from torch import Tensor

RowAttention = Callable[[Tensor, Tensor, Tensor, Tensor, float], Tensor]
"""From queries ``[rows, heads, 1, head_dim]``, keys, values, mask and scale to what was attended, as the queries."""

_BLOCK = 64
_POSITIONS = (1, 64, 65, 150)
"""Filled positions that are tried, each followed by none and by several blocks that are masked."""
_MORE_BLOCKS = (0, 1, 3, 5)
_ROWS = (1, 2, 3, 5, 8, 13)


def fused(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor, scale: float) -> Tensor:
    """Attend by torch's own function."""
    return F.scaled_dot_product_attention(query, keys, values, attn_mask=mask, scale=scale)


def in_two_products(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor, scale: float) -> Tensor:
    """Attend by a product with the keys and one with the values."""
    scores = torch.matmul(query, keys.transpose(-1, -2)).mul_(scale).add_(mask)
    return torch.matmul(scores.softmax(dim=-1), values)


def choose_row_attention(device: torch.device, dtype: torch.dtype, *, heads: int, head_dim: int) -> RowAttention:
    """Give the faster way where it keeps a row's bits, else torch's own."""
    plain = device.type == "cpu" and dtype is torch.float32
    return in_two_products if plain and _keeps_bits(heads, head_dim, torch.get_num_threads()) else fused


@cache
def _keeps_bits(heads: int, head_dim: int, threads: int) -> bool:
    """Try it once in a process; ``threads`` is there because it is another question with others."""
    del threads
    return keeps_bits(in_two_products, heads=heads, head_dim=head_dim)


def keeps_bits(attend: RowAttention, *, heads: int, head_dim: int) -> bool:
    """Say whether a row has the same bits alone and among others, with and without masked positions behind its own."""
    generator = torch.Generator().manual_seed(0)
    most = (max(_POSITIONS) // _BLOCK + 1 + max(_MORE_BLOCKS)) * _BLOCK
    query = torch.randn(max(_ROWS), heads, 1, head_dim, generator=generator)
    keys, values = (torch.randn(max(_ROWS), heads, most, head_dim, generator=generator) for _ in range(2))

    def first_row(rows: int, filled: int, length: int) -> Tensor:
        mask = torch.zeros(rows, 1, 1, length)
        mask[..., filled:] = -torch.inf
        return attend(query[:rows], keys[:rows, :, :length], values[:rows, :, :length], mask, head_dim**-0.5)[0]

    for filled in _POSITIONS:
        whole = -(-filled // _BLOCK) * _BLOCK
        alone = first_row(1, filled, whole)
        lengths = [whole + more * _BLOCK for more in _MORE_BLOCKS]
        if not all(torch.equal(first_row(rows, filled, length), alone) for rows in _ROWS for length in lengths):
            return False
    return True

"""Attention of one query a row: right, the same bits in every company, and only used where that holds."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from storygen.engines import row_attention
from storygen.engines.row_attention import choose_row_attention, fused, in_two_products, keeps_bits

CPU = torch.device("cpu")


def inputs(rows: int, heads: int, head_dim: int, length: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    query = torch.randn(rows, heads, 1, head_dim, generator=generator)
    keys, values = (torch.randn(rows, heads, length, head_dim, generator=generator) for _ in range(2))
    mask = torch.zeros(rows, 1, 1, length)
    for row in range(rows):
        mask[row, ..., row + 1 :] = -torch.inf
    return query, keys, values, mask


@pytest.mark.parametrize(("rows", "heads", "head_dim", "length"), [(1, 1, 8, 64), (5, 4, 64, 128), (9, 12, 64, 192)])
def test_two_products_give_what_torchs_attention_gives(rows: int, heads: int, head_dim: int, length: int) -> None:
    several = inputs(rows, heads, head_dim, length)
    torch.testing.assert_close(in_two_products(*several, 0.125), fused(*several, 0.125))


def test_what_is_masked_does_not_count_whatever_stands_there() -> None:
    query, keys, values, mask = inputs(3, 2, 8, 64)
    before = in_two_products(query, keys, values, mask, 0.5)
    keys[0, :, 1:] = 1e6
    values[0, :, 1:] = 1e6
    assert torch.equal(in_two_products(query, keys, values, mask, 0.5), before)


@pytest.mark.parametrize(("heads", "head_dim"), [(4, 8), (4, 64), (12, 64)])
def test_the_way_that_is_chosen_keeps_a_rows_bits(heads: int, head_dim: int) -> None:
    assert keeps_bits(
        choose_row_attention(CPU, torch.float32, heads=heads, head_dim=head_dim), heads=heads, head_dim=head_dim
    )


def test_a_way_that_depends_on_company_is_found_out_and_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_rows(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor, scale: float) -> Tensor:
        return in_two_products(query, keys, values, mask, scale) + (1e-6 if len(query) > 8 else 0.0)

    def by_length(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor, scale: float) -> Tensor:
        return in_two_products(query, keys, values, mask, scale) + (1e-6 if keys.shape[2] > 300 else 0.0)

    assert not keeps_bits(by_rows, heads=2, head_dim=8)
    assert not keeps_bits(by_length, heads=2, head_dim=8)
    monkeypatch.setattr(row_attention, "_keeps_bits", lambda *_: False)
    assert choose_row_attention(CPU, torch.float32, heads=2, head_dim=8) is fused


def test_other_devices_and_numbers_keep_torchs_attention() -> None:
    assert choose_row_attention(torch.device("cuda"), torch.float32, heads=2, head_dim=8) is fused
    assert choose_row_attention(CPU, torch.bfloat16, heads=2, head_dim=8) is fused

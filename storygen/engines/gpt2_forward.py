"""GPT-2's arithmetic over many rows at once, with weights read from a transformers model. On the worker's thread only.

Same function as transformers' ``GPT2LMHeadModel``, in float32; what differs is that each row has
its own length and that the cache is ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from torch import Tensor, nn
from transformers import GPT2Config, GPT2LMHeadModel

from storygen.engines.kv_cache import KeyValueCache, whole_blocks
from storygen.engines.projection import Projection


@dataclass(frozen=True, slots=True, kw_only=True)
class _Norm:
    weight: Tensor
    bias: Tensor
    epsilon: float

    def __call__(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], self.weight, self.bias, self.epsilon)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    number: int
    attention_norm: _Norm
    query_key_value: Projection
    attention_out: Projection
    scale: float
    feed_norm: _Norm
    feed_in: Projection
    activation: Callable[[Tensor], Tensor]
    feed_out: Projection


@dataclass(frozen=True, slots=True)
class _StepPlan:
    """What all layers of one step share."""

    rows: int
    length: int
    mask: Tensor
    places: Tensor
    positions: Tensor


class Gpt2Forward:
    """The model as a function: a prompt into the cache, or one step of all rows to logits."""

    def __init__(self, model: GPT2LMHeadModel) -> None:
        body, config = model.transformer, model.config
        self.heads: int = config.n_head
        self.head_dim: int = config.n_embd // config.n_head
        self.device: torch.device = body.wte.weight.device
        self._tokens: Tensor = body.wte.weight.detach()
        self._positions: Tensor = body.wpe.weight.detach()
        self._layers = [_layer(block, number, config) for number, block in enumerate(body.h)]
        self._last_norm = _norm(body.ln_f)
        self._head = Projection(model.lm_head.weight.detach(), None)

    def new_cache(self) -> KeyValueCache:
        """Give an empty cache of this model's shape."""
        return KeyValueCache(
            layers=len(self._layers), heads=self.heads, head_dim=self.head_dim, device=self._tokens.device
        )

    def read_prompt(self, cache: KeyValueCache, row: int, token_ids: list[int]) -> None:
        """Write the keys and values of ``token_ids`` into a row that is new. Alone, so neighbours don't matter."""
        tokens = torch.tensor(token_ids, device=self.device)
        x = self._tokens[tokens] + self._positions[: len(token_ids)]
        for layer in self._layers:
            query, key, value = (part.transpose(0, 1) for part in self._heads_of(layer, x))
            cache.write_prompt(layer.number, row, key, value)
            mixed = F.scaled_dot_product_attention(
                query[None], key[None], value[None], is_causal=True, scale=layer.scale
            )
            x = _finish_layer(layer, x, mixed[0].transpose(0, 1).reshape(x.shape))

    def step(self, cache: KeyValueCache, tokens: list[int], positions: list[int]) -> Tensor:
        """Read one token of each of the first rows, at its own position, and give the next one's logits."""
        plan = self._plan(positions)
        x = (
            self._tokens[torch.tensor(tokens, device=self.device)]
            + self._positions[torch.tensor(positions, device=self.device)]
        )
        for layer in self._layers:
            x = _finish_layer(layer, x, self._attend(layer, x, cache, plan))
        return self._head(self._last_norm(x))

    def _plan(self, positions: list[int]) -> _StepPlan:
        rows, length = len(positions), max(positions) + 1
        by_head = torch.tensor(positions, device=self.device).repeat_interleave(self.heads)
        places = torch.arange(rows * self.heads, device=self.device)
        blocks = whole_blocks(length)
        hidden = torch.arange(blocks, device=self.device)[None] > by_head[:, None]
        mask = torch.zeros(rows * self.heads, 1, blocks, device=self.device)
        return _StepPlan(rows, length, mask.masked_fill_(hidden[:, None], -torch.inf), places, by_head)

    def _attend(self, layer: _Layer, x: Tensor, cache: KeyValueCache, plan: _StepPlan) -> Tensor:
        query, key, value = (part.reshape(-1, self.head_dim) for part in self._heads_of(layer, x))
        cache.write_step(layer.number, plan.places, plan.positions, key, value)
        keys, values = cache.read(layer.number, plan.rows, plan.length)
        scores = torch.baddbmm(plan.mask, query[:, None], keys.transpose(1, 2), alpha=layer.scale)
        return torch.bmm(scores.softmax(dim=-1), values).reshape(x.shape)

    def _heads_of(self, layer: _Layer, x: Tensor) -> tuple[Tensor, ...]:
        """Give query, key and value, each ``[rows or positions, heads, head_dim]``."""
        mixed = layer.query_key_value(layer.attention_norm(x))
        return tuple(part.reshape(-1, self.heads, self.head_dim) for part in mixed.chunk(3, dim=-1))


def _finish_layer(layer: _Layer, x: Tensor, attended: Tensor) -> Tensor:
    x = x + layer.attention_out(attended)
    return x + layer.feed_out(layer.activation(layer.feed_in(layer.feed_norm(x))))


def _layer(block: nn.Module, number: int, config: GPT2Config) -> _Layer:
    attention: nn.Module = block.get_submodule("attn")
    scale = (config.n_embd // config.n_head) ** -0.5 if config.scale_attn_weights else 1.0
    # reorder_and_upcast_attn is for half precision; in float32 it changes the order of operations only.
    return _Layer(
        number=number,
        attention_norm=_norm(block.get_submodule("ln_1")),
        query_key_value=_projection(attention.get_submodule("c_attn")),
        attention_out=_projection(attention.get_submodule("c_proj")),
        scale=scale / (number + 1) if config.scale_attn_by_inverse_layer_idx else scale,
        feed_norm=_norm(block.get_submodule("ln_2")),
        feed_in=_projection(block.get_submodule("mlp.c_fc")),
        activation=_activation(config.activation_function, block.get_submodule("mlp.act")),
        feed_out=_projection(block.get_submodule("mlp.c_proj")),
    )


def _norm(module: nn.Module) -> _Norm:
    if not isinstance(module, nn.LayerNorm):
        raise TypeError(f"GPT-2 has LayerNorm, not {type(module).__name__}")
    return _Norm(weight=module.weight.detach(), bias=module.bias.detach(), epsilon=module.eps)


def _projection(convolution: nn.Module) -> Projection:
    # transformers' Conv1D keeps its weight as [in, out].
    weight, bias = convolution.get_parameter("weight"), convolution.get_parameter("bias")
    return Projection(weight.detach().t(), bias.detach())


def _activation(name: str, module: nn.Module) -> Callable[[Tensor], Tensor]:
    if name in {"gelu_new", "gelu_pytorch_tanh"}:
        return _gelu_tanh  # the same formula in one kernel instead of eight
    return module


def _gelu_tanh(x: Tensor) -> Tensor:
    return F.gelu(x, approximate="tanh")

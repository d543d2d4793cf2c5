"""GPT-2's arithmetic over many rows at once, with weights read from a transformers model. On the worker's thread only.

Same function as transformers' ``GPT2LMHeadModel``; what differs is that each row has its own length, that
pieces of prompts are read along with the rows that write, and that the cache and the number format are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from torch import Tensor, nn
from transformers import GPT2Config, GPT2LMHeadModel

from storygen.engines.forward import Chunk
from storygen.engines.kv_cache import KeyValueCache, whole_blocks
from storygen.engines.number_format import NumberFormat
from storygen.engines.projection import MakeProjection, Projection
from storygen.engines.row_attention import choose_row_attention
from storygen.engines.row_independence import BatchRule, Product, batch_rule

_GELU_TANH = {"gelu_new", "gelu_pytorch_tanh"}


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
    activation: Callable[[Tensor], Tensor] | None
    """None where ``feed_in`` does it."""
    feed_out: Projection


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Where a chunk's lines stand in a step, and what they may look at."""

    lines: slice
    row: int
    start: int
    end: int
    """The position after its last."""
    mask: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class _StepPlan:
    """What all layers of one step share: first a line for each row that writes, then the chunks' lines."""

    rows: int
    length: int
    mask: Tensor
    places: Tensor
    spans: list[_Span] = field(default_factory=list)


class Gpt2Forward:
    """The model as a function: one step of all rows to logits, and pieces of prompts into the cache.

    It copies what it needs: one tensor kept would keep the whole file of weights that transformers maps in memory.
    """

    def __init__(self, model: GPT2LMHeadModel, numbers: NumberFormat) -> None:
        body, config = model.transformer, model.config
        self.heads: int = config.n_head
        self.head_dim: int = config.n_embd // config.n_head
        self.device: torch.device = body.wte.weight.device
        self._numbers = numbers
        self._row_attention = choose_row_attention(self.device, numbers.cache, heads=self.heads, head_dim=self.head_dim)
        self._tokens: Tensor = body.wte.weight.detach().to(numbers.tables, copy=True)
        self._positions: Tensor = body.wpe.weight.detach().to(numbers.tables, copy=True)
        self._layers = [_layer(block, number, config, numbers.make) for number, block in enumerate(body.h)]
        self._last_norm = _norm(body.ln_f)
        self._inner: int = config.n_inner or 4 * config.n_embd
        self._head = numbers.make_head(model.lm_head.weight.detach(), None)
        self.cache = KeyValueCache(
            layers=len(self._layers),
            heads=self.heads,
            head_dim=self.head_dim,
            device=self.device,
            dtype=numbers.cache,
        )

    @property
    def layer_products(self) -> list[Product]:
        """Give the products of a layer; all layers have the same shapes."""
        layer, wide, inner = self._layers[0], self.heads * self.head_dim, self._inner
        return [
            Product(layer.query_key_value, wide, 3 * wide),
            Product(layer.attention_out, wide, wide),
            Product(layer.feed_in, wide, inner),
            Product(layer.feed_out, inner, wide),
        ]

    @property
    def weight_bytes(self) -> int:
        """Bytes of weights that one step reads: those of the layers and of the head, each in its format."""
        layer = sum(product.inputs * product.outputs for product in self.layer_products)
        head = self.head_product.inputs * self.head_product.outputs
        return len(self._layers) * layer * self._numbers.weight_width + head * self._numbers.head_width

    @property
    def head_product(self) -> Product:
        """Give the product that makes logits."""
        return Product(self._head, self.heads * self.head_dim, len(self._tokens))

    def batch_rule(self, *, rows: int, chunk: int) -> BatchRule:
        """Try how a step must be put together, once in a process for each shape (see ``Forward``)."""
        return batch_rule(self._numbers.name, self.layer_products, self.head_product, rows=rows, chunk=chunk)

    def read(self, chunks: Sequence[Chunk]) -> None:
        """Write the keys and values of pieces of prompts, without a step of the rows that write."""
        nothing = torch.zeros(0, dtype=torch.long, device=self.device)
        self._last(nothing, nothing, 0, chunks)

    def step(
        self,
        tokens: Tensor,
        positions: Tensor,
        length: int,
        chunks: Sequence[Chunk] = (),
        *,
        wanted: Sequence[int] | None = None,  # noqa: ARG002 - a product of all costs less than to pick some out
    ) -> Tensor:
        """Read one token of each of the first rows, at its own position, and give the next one's logits in float32.

        Rows are looked at up to ``length``. The pieces of prompts are read along the way (see ``Forward``).
        """
        x = self._last(tokens, positions, length, chunks)
        return self._head(self._last_norm(x))

    def _last(self, tokens: Tensor, positions: Tensor, length: int, chunks: Sequence[Chunk]) -> Tensor:
        plan = self._plan(positions, length, chunks)
        if chunks:
            tokens = torch.cat([tokens, *(torch.tensor(chunk.token_ids, device=self.device) for chunk in chunks)])
            positions = torch.cat(
                [positions, *(torch.arange(span.start, span.end, device=self.device) for span in plan.spans)]
            )
        x = self._tokens[tokens].float() + self._positions[positions]
        for layer in self._layers:
            x = _finish_layer(layer, x, self._attend(layer, x, plan))
        return x[: plan.rows]

    def _plan(self, positions: Tensor, length: int, chunks: Sequence[Chunk]) -> _StepPlan:
        beyond = torch.arange(whole_blocks(length), device=self.device)[None] > positions[:, None]
        mask = torch.zeros(beyond.shape, device=self.device, dtype=self._numbers.cache).masked_fill_(beyond, -torch.inf)
        return _StepPlan(
            rows=len(positions),
            length=length,
            mask=mask[:, None, None],
            places=self.cache.places(positions),
            spans=list(self._spans(len(positions), chunks)),
        )

    def _spans(self, line: int, chunks: Sequence[Chunk]) -> Iterator[_Span]:
        for chunk in chunks:
            count = len(chunk.token_ids)
            end = chunk.start + count
            beyond = torch.ones(count, end, dtype=torch.bool, device=self.device).triu_(chunk.start + 1)
            mask = torch.zeros(count, end, device=self.device, dtype=self._numbers.cache)
            yield _Span(
                lines=slice(line, line + count),
                row=chunk.row,
                start=chunk.start,
                end=end,
                mask=mask.masked_fill_(beyond, -torch.inf),
            )
            line += count

    def _attend(self, layer: _Layer, x: Tensor, plan: _StepPlan) -> Tensor:
        mixed = layer.query_key_value(layer.attention_norm(x)).to(self.cache.dtype)
        heads = mixed.view(len(x), 3, self.heads, self.head_dim)
        parts = [self._attend_chunk(layer, heads[span.lines], span) for span in plan.spans]
        if plan.rows:
            parts.insert(0, self._attend_rows(layer, heads[: plan.rows], plan))
        return layer.attention_out(parts[0] if len(parts) == 1 else torch.cat(parts))

    def _attend_rows(self, layer: _Layer, heads: Tensor, plan: _StepPlan) -> Tensor:
        query, key, value = heads.unbind(1)
        lines = (plan.rows * self.heads, self.head_dim)
        self.cache.write_step(layer.number, plan.places, key.reshape(lines), value.reshape(lines))
        keys, values = self.cache.read(layer.number, plan.rows, plan.length)
        return self._row_attention(query[:, :, None], keys, values, plan.mask, layer.scale).reshape(plan.rows, -1)

    def _attend_chunk(self, layer: _Layer, heads: Tensor, span: _Span) -> Tensor:
        query, key, value = (part.transpose(0, 1) for part in heads.unbind(1))
        self.cache.write_prompt(layer.number, span.row, span.start, key, value)
        keys, values = self.cache.read_row(layer.number, span.row, span.end)
        attended = F.scaled_dot_product_attention(query[None], keys, values, attn_mask=span.mask, scale=layer.scale)
        return attended[0].transpose(0, 1).reshape(len(heads), -1)


def _finish_layer(layer: _Layer, x: Tensor, attended: Tensor) -> Tensor:
    x = x + attended
    inner = layer.feed_in(layer.feed_norm(x))
    return x + layer.feed_out(layer.activation(inner) if layer.activation else inner)


def _layer(block: nn.Module, number: int, config: GPT2Config, make: MakeProjection) -> _Layer:
    attention: nn.Module = block.get_submodule("attn")
    scale = (config.n_embd // config.n_head) ** -0.5 if config.scale_attn_weights else 1.0
    is_gelu = config.activation_function in _GELU_TANH  # then it is one kernel, or none, instead of eight
    # reorder_and_upcast_attn is for half precision; in float32 it changes the order of operations only.
    return _Layer(
        number=number,
        attention_norm=_norm(block.get_submodule("ln_1")),
        query_key_value=_projection(attention.get_submodule("c_attn"), make),
        attention_out=_projection(attention.get_submodule("c_proj"), make),
        scale=scale / (number + 1) if config.scale_attn_by_inverse_layer_idx else scale,
        feed_norm=_norm(block.get_submodule("ln_2")),
        feed_in=_projection(block.get_submodule("mlp.c_fc"), make, gelu=is_gelu),
        activation=None if is_gelu else block.get_submodule("mlp.act"),
        feed_out=_projection(block.get_submodule("mlp.c_proj"), make),
    )


def _norm(module: nn.Module) -> _Norm:
    if not isinstance(module, nn.LayerNorm):
        raise TypeError(f"GPT-2 has LayerNorm, not {type(module).__name__}")
    return _Norm(weight=module.weight.detach().clone(), bias=module.bias.detach().clone(), epsilon=module.eps)


def _projection(convolution: nn.Module, make: MakeProjection, *, gelu: bool = False) -> Projection:
    # transformers' Conv1D keeps its weight as [in, out].
    weight, bias = convolution.get_parameter("weight"), convolution.get_parameter("bias")
    return make(weight.detach().t(), bias.detach(), gelu=gelu)

"""A whole step of GPT-2 in one call of the compiled library, with weights in int8. On the worker's thread only."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from ctypes import CDLL, byref, c_void_p
from typing import Self

import torch
from torch import Tensor, nn
from transformers import GPT2Config, GPT2LMHeadModel

from storygen.checkpoint_safety import check_shapes
from storygen.engines.forward import Chunk
from storygen.engines.native.library import Shape, enough, library
from storygen.engines.native.team import Team
from storygen.engines.row_independence import BatchRule

_GELU_TANH = {"gelu_new", "gelu_pytorch_tanh"}
_CPU = torch.device("cpu")
_NORMS = ("ln_1.weight", "ln_1.bias", "ln_2.weight", "ln_2.bias")
_PRODUCTS = ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
"""In the order of ``gpt2.c``."""


class NativeForward:
    """The model as a function over lines: one token at one position of one row each.

    Prompts are lines like any other; all that a line needs is computed from its own row, so none depends on another.
    The library believes the sizes that it is told, so they are compared with the weights first.
    Raises ValueError where they differ, and MemoryError where memory is short.
    """

    def __init__(self, model: GPT2LMHeadModel, *, by: CDLL | None = None) -> None:
        found = by or library()
        if found is None:
            raise RuntimeError("there is no compiled library here; ask serves() first")
        check_shapes(model)
        config = model.config
        self.device = _CPU
        self._library = found
        self._vocabulary: int = model.lm_head.weight.shape[0]
        shape = Shape(
            layers=config.n_layer,
            heads=config.n_head,
            width=config.n_embd,
            inner=config.n_inner or 4 * config.n_embd,
            vocabulary=self._vocabulary,
            positions=config.n_positions,
            epsilon=config.layer_norm_epsilon,
        )
        memory = _Memory(found, shape)
        self._handle = memory.handle
        self.weight_bytes: int = sum(weight.numel() for weight in _multiplied(model))
        self._take_weights(model)
        self.cache = NativeCache(memory)

    @staticmethod
    def serves(model: GPT2LMHeadModel) -> bool:
        """Say whether there is a library, and the model is one that it can compute."""
        config = model.config
        return (
            library() is not None
            and model.device.type == "cpu"
            and config.activation_function in _GELU_TANH
            and len(model.transformer.wte.weight) == len(model.lm_head.weight)
        )

    def batch_rule(self, *, rows: int, chunk: int) -> BatchRule:  # noqa: ARG002 - it holds for any number
        """Any step will do: lines are computed one by one, and sums of whole numbers are exact."""
        return BatchRule(least_rows=1, prompts_join=True)

    def read(self, chunks: Sequence[Chunk]) -> None:
        """Write the keys and values of pieces of prompts, without a step of the rows that write."""
        self._lines([], [], [], chunks)

    def step(
        self,
        tokens: Tensor,
        positions: Tensor,
        length: int,  # noqa: ARG002 - a row is looked at as far as it goes
        chunks: Sequence[Chunk] = (),
        *,
        wanted: Sequence[int] | None = None,
    ) -> Tensor:
        """Read one token of each wanted row, at its own position, and give the next one's logits (see ``Forward``)."""
        rows = range(len(tokens)) if wanted is None else wanted
        token_ids, places = tokens.tolist(), positions.tolist()
        return self._lines([token_ids[row] for row in rows], [places[row] for row in rows], [*rows], chunks)

    def _lines(self, tokens: list[int], positions: list[int], rows: list[int], chunks: Sequence[Chunk]) -> Tensor:
        writing, most = len(rows), max(rows, default=-1) + 1
        for chunk in chunks:
            tokens.extend(chunk.token_ids)
            positions.extend(range(chunk.start, chunk.start + len(chunk.token_ids)))
            rows.extend([chunk.row] * len(chunk.token_ids))
        lines = torch.tensor([tokens, positions, rows], dtype=torch.int32)
        logits = torch.empty(most, self._vocabulary)
        pointers = (line.data_ptr() for line in lines)
        enough(self._library.gpt2_step(self._handle, len(rows), writing, *pointers, logits.data_ptr()))
        return logits

    def _take_weights(self, model: GPT2LMHeadModel) -> None:
        body, head = model.transformer, model.lm_head.weight
        with _Floats() as floats:
            enough(self._library.gpt2_set_tables(self._handle, floats(body.wte.weight), floats(body.wpe.weight)))
            norm = floats(body.ln_f.weight), floats(body.ln_f.bias)
            enough(self._library.gpt2_set_head(self._handle, *norm, floats(head)))
        for number, block in enumerate(body.h):
            self._take_layer(block, number, model.config)

    def _take_layer(self, block: nn.Module, number: int, config: GPT2Config) -> None:
        scale = (config.n_embd // config.n_head) ** -0.5 if config.scale_attn_weights else 1.0
        if config.scale_attn_by_inverse_layer_idx:
            scale /= number + 1
        with _Floats() as floats:
            norms = (c_void_p * len(_NORMS))(*(floats(block.get_parameter(name)) for name in _NORMS))
            enough(self._library.gpt2_set_norms(self._handle, number, scale, norms))
        for which, name in enumerate(_PRODUCTS):
            weight, bias = block.get_parameter(f"{name}.weight"), block.get_parameter(f"{name}.bias")
            with _Floats() as floats:
                pointers = floats(weight), floats(bias)
                enough(self._library.gpt2_set_product(self._handle, number, which, *weight.shape, *pointers))


def _multiplied(model: GPT2LMHeadModel) -> Iterator[Tensor]:
    """Give the weights of all products, a byte each here."""
    for block in model.transformer.h:
        yield from (block.get_parameter(f"{name}.weight") for name in _PRODUCTS)
    yield model.lm_head.weight


class _Memory:
    """What the library holds for one model; it goes with the last that needs it."""

    def __init__(self, by: CDLL, shape: Shape) -> None:
        self.library = by
        self._team = Team(by, torch.get_num_threads())
        self.handle: int = by.gpt2_new(byref(shape), self._team.handle)
        enough(self.handle)
        weakref.finalize(self, by.gpt2_free, self.handle)


class NativeCache:
    """The keys and values of a ``NativeForward``, in 16 bits (see ``Cache``)."""

    def __init__(self, memory: _Memory) -> None:
        self._memory = memory

    @property
    def bytes_held(self) -> int:
        """Memory that the cache takes now."""
        held: int = self._memory.library.gpt2_bytes_held(self._memory.handle)
        return held

    def reserve(self, rows: int, length: int) -> None:
        """Make room for ``rows`` rows of ``length`` positions; what is there stays."""
        enough(self._memory.library.gpt2_reserve(self._memory.handle, rows, length))

    def keep_rows(self, rows: int) -> None:
        """Give back the memory of all rows but the first ``rows``."""
        self._memory.library.gpt2_keep_rows(self._memory.handle, rows)

    def release(self) -> None:
        """Give all memory back; every row is lost."""
        self._memory.library.gpt2_release(self._memory.handle)


class _Floats:
    """Addresses of tensors as float32 without gaps, which are kept until the block ends."""

    def __init__(self) -> None:
        self._kept: list[Tensor] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._kept.clear()

    def __call__(self, tensor: Tensor) -> int:
        self._kept.append(tensor.detach().float().contiguous())
        return self._kept[-1].data_ptr()

"""How much memory a run needs, before it starts, and what to say where there was not enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from training.errors import TrainingError

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel

    from training.train.config import TrainingConfig

_NO_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory|bad_alloc", re.IGNORECASE)
_FLOAT = 4  # bytes
_ADAMW_STATE, _MUON_STATE = 8, 4  # bytes a weight: two averages, or one
_KEPT_BF16, _KEPT_FLOAT = 42, 56  # bytes for each token, layer and unit of width
_SCORES_BF16, _SCORES_FLOAT = 7, 8  # bytes for each pair of tokens and head, where attention keeps them


def estimated_bytes(model: GPT2LMHeadModel, config: TrainingConfig, *, attention: str) -> int:
    """Give about how many bytes of memory the run takes on each device while it trains.

    Activations are counted in the manner of Korthikanti et al. 2022, "Reducing Activation Recomputation in Large
    Transformer Models" (arXiv 2205.05198), equation 1: 34 bytes and 5 where everything is 16 bits wide. Here the
    residual stream and the softmax stay in float32, hence more. What the program itself takes is not counted.
    Of five runs of the 6 million weights on a processor the peak was between 9 % below and 25 % above it.
    """
    trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    inside = sum(w.numel() for n, w in model.named_parameters() if w.requires_grad and w.ndim > 1 and ".h." in n)
    muon = inside if config.optimizer == "muon" else 0
    states = trained * _FLOAT + (trained - muon) * _ADAMW_STATE + muon * _MUON_STATE
    weights = model.num_parameters() * (_FLOAT + 2 * config.bf16)  # autocast keeps a copy in bfloat16
    return weights + states + _activation_bytes(model, config, attention=attention)


def _activation_bytes(model: GPT2LMHeadModel, config: TrainingConfig, *, attention: str) -> int:
    shape, tokens = model.config, config.micro_batch_tokens
    number = 2 if config.bf16 else _FLOAT
    kept, pair = (_KEPT_BF16, _SCORES_BF16) if config.bf16 else (_KEPT_FLOAT, _SCORES_FLOAT)
    scores = pair * shape.n_head * max(stage.block for stage in config.stages) if attention == "eager" else 0
    layer = tokens * (kept * shape.n_embd + scores)
    residual = tokens * shape.n_embd * _FLOAT
    layers = layer + shape.n_layer * residual if config.gradient_checkpointing else layer * shape.n_layer
    # Logits, the same in float32, their softmax and its slope.
    return layers + tokens * shape.vocab_size * (2 * number + 2 * _FLOAT)


@contextmanager
def naming_the_setting(config: TrainingConfig, run: Path) -> Iterator[None]:
    """Turn the many errors of a memory that is full into a TrainingError that says what to lower."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        raise TrainingError(_sentence(config, run)) from error


def _is_out_of_memory(error: Exception) -> bool:
    import torch

    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return _NO_MEMORY.search(str(error)) is not None


def _sentence(config: TrainingConfig, run: Path) -> str:
    least = max(stage.block for stage in config.stages)
    now = config.micro_batch_tokens
    advice = f"lower micro_batch_tokens in the configuration (now {now}; the result stays the same but for rounding)"
    if now <= least:
        advice = f"set gradient_checkpointing = true, or take a smaller model (micro_batch_tokens is {now}, one block)"
    saved = any(run.glob("checkpoint-*"))
    then = "go on with --resume" if saved else f"start again with another --run, or without {run}"
    return f"The memory is full: {advice}, then {then}."

"""A checkpoint as transformers users load it, with stories that only end at their length."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from storygen.checkpoint import load
from storygen.sampling import SamplingOptions
from tests.benchmarks.case import Setup

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerBase


def model_and_tokenizer(setup: Setup) -> tuple[GPT2LMHeadModel, PreTrainedTokenizerBase]:
    """Load in float32; no token ends a story, so that every engine writes the same number of tokens."""
    checkpoint = load(setup.checkpoint)
    model, tokenizer = checkpoint.model, checkpoint.tokenizer  # load() has put it in evaluation mode
    for config in (model.config, model.generation_config):
        if config is not None:
            config.eos_token_id, config.pad_token_id = None, 0
    set_threads(setup.threads)
    return model, tokenizer


def set_threads(threads: int) -> None:
    """Let torch use so many threads; 0 leaves it as it is, one for each core."""
    import torch

    if threads:
        torch.set_num_threads(threads)


def generate_options(options: SamplingOptions) -> dict[str, Any]:
    """Give the options as ``generate()`` takes them."""
    names = ("max_new_tokens", "do_sample", "repetition_penalty")
    drawn = ("temperature", "top_k", "top_p") if options.do_sample else ()
    return {name: getattr(options, name) for name in (*names, *drawn)}


def float32_bytes_per_token(model: GPT2LMHeadModel) -> int:
    """Give what one token of one story reads: all weights but the table of positions."""
    return 4 * (sum(weight.numel() for weight in model.parameters()) - model.transformer.wpe.weight.numel())


def noting_first(note: Callable[[], None]) -> list[Any]:
    """Give stopping criteria that never stop, but call ``note`` when the first token is there."""
    import torch

    seen = False

    def criterion(input_ids: torch.Tensor, _scores: object, **_: object) -> torch.Tensor:
        nonlocal seen
        if not seen:
            seen = True
            note()
        return torch.zeros(len(input_ids), dtype=torch.bool)

    return [criterion]

"""What a run begins with: its tokenizer and its model, and both again as a saved state has them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from storygen.checkpoint import add_control_tokens, checkpoint_path, control_tokens
from storygen.prompt import TITLE
from training.errors import TrainingError
from training.prepared import TRAIN, load_split, prepared_genres
from training.train.lora import load_low_rank, with_low_rank
from training.train.tokenizer import train_tokenizer

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerBase

    from training.train.config import TrainingConfig

TOKENIZER = "tokenizer"
"""Folder in the run's folder, for a run without a base."""


def starting_tokenizer(config: TrainingConfig, data: Path, run: Path, *, again: bool) -> PreTrainedTokenizerBase:
    """Give the base's tokenizer, or learn one from the texts and keep it in ``run``; ``again`` takes the one kept."""
    from transformers import AutoTokenizer

    folder = run / TOKENIZER
    if config.base:
        with _naming_the_base(config.base):
            return AutoTokenizer.from_pretrained(checkpoint_path(config.base))
    if again and folder.is_dir():
        return AutoTokenizer.from_pretrained(folder)
    texts = (
        work.text
        for source, times in config.tokenizer_sources.items()
        for work in load_split(data, source, TRAIN) * times
    )
    genres = [genre.name for genre in prepared_genres(data)]
    tokenizer = train_tokenizer(texts, vocabulary=config.vocabulary, positions=config.positions, genres=genres)
    tokenizer.save_pretrained(folder)
    return tokenizer


def starting_model(config: TrainingConfig, tokenizer: PreTrainedTokenizerBase, data: Path) -> GPT2LMHeadModel:
    """Give the base with the control tokens that it lacks, or random weights; ``tokenizer`` gets the tokens as well.

    With ``lora_rank`` the model is peft's, around the base. The same seed of torch gives the same weights.
    """
    model = _based(config, tokenizer, data) if config.base else _random(config, tokenizer)
    for ours in (model.config, model.generation_config):
        ours.bos_token_id = tokenizer.bos_token_id
        ours.eos_token_id = tokenizer.eos_token_id
        ours.pad_token_id = tokenizer.pad_token_id
    if config.lora_rank:
        return with_low_rank(model, tokenizer, config, run_control_tokens(config, data))
    return model


def saved_model(config: TrainingConfig, tokenizer: PreTrainedTokenizerBase, data: Path, state: Path) -> GPT2LMHeadModel:
    """Give the model of a saved state ; ``tokenizer`` gets the control tokens that it lacks."""
    from transformers import GPT2LMHeadModel

    if config.lora_rank:
        model = starting_model(config, tokenizer, data)
        load_low_rank(model, state)
        return model
    model = GPT2LMHeadModel.from_pretrained(state, use_safetensors=True)
    if config.base:
        add_control_tokens(model, tokenizer, run_control_tokens(config, data))
    return model


def run_control_tokens(config: TrainingConfig, data: Path) -> tuple[str, ...]:
    """Give the control tokens that this run trains."""
    titled = any(stage.titled for stage in config.stages)
    return (*control_tokens(prepared_genres(data)), *((TITLE,) if titled else ()))


@contextmanager
def _naming_the_base(base: str) -> Iterator[None]:
    """Turn what transformers says of a base that is missing or damaged into a TrainingError with its first line."""
    try:
        yield
    except (OSError, ValueError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise TrainingError(f"The base {base} can't be loaded: {first}") from error


def _based(config: TrainingConfig, tokenizer: PreTrainedTokenizerBase, data: Path) -> GPT2LMHeadModel:
    import torch
    from transformers import GPT2LMHeadModel

    with _naming_the_base(config.base):
        model = GPT2LMHeadModel.from_pretrained(checkpoint_path(config.base), use_safetensors=True, dtype=torch.float32)
    add_control_tokens(model, tokenizer, run_control_tokens(config, data))
    return model


def _random(config: TrainingConfig, tokenizer: PreTrainedTokenizerBase) -> GPT2LMHeadModel:
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=len(tokenizer),
            n_positions=config.positions,
            n_embd=config.embedding,
            n_layer=config.layers,
            n_head=config.heads,
            activation_function="gelu_pytorch_tanh",  # the same function as gelu_new, computed in one piece
            resid_pdrop=config.dropout,
            embd_pdrop=config.dropout,
            attn_pdrop=config.dropout,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )

"""A GPT-2 of 124 million random weights, made on the spot: speed does not depend on what a model knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storygen.checkpoint import CheckpointInfo, without_progress_bars, write_info
from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import BOS, EOS, PAD
from tests.benchmarks.workload import PROMPT

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

GPT2_124M = "gpt2-124m-random"
_VOCABULARY = 50_257
_CONTROL = (PAD, BOS, EOS, *(genre.token for genre in ORIGINAL_GENRES))


def random_gpt2(folder: Path) -> Path:
    """Give the folder of the random model; it is written where it is not there yet."""
    if not (folder / "model.safetensors").is_file():
        _write(folder)
    return folder


def _write(folder: Path) -> None:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    folder.mkdir(parents=True, exist_ok=True)
    _tokenizer().save_pretrained(folder)
    write_info(folder, CheckpointInfo(name=folder.name, licence="CC0-1.0"))
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=_VOCABULARY, bos_token_id=1, eos_token_id=2, pad_token_id=0)
    with without_progress_bars():
        GPT2LMHeadModel(config).save_pretrained(folder)


def _tokenizer() -> PreTrainedTokenizerFast:
    """Give a byte-level tokenizer of GPT-2's size: control tokens, bytes, the prompt's words, and made-up ones."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bytewise = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = bytewise
    alphabet = sorted(bytewise.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY, special_tokens=list(_CONTROL), initial_alphabet=alphabet, show_progress=False
    )
    # A prompt has as many tokens as GPT-2's own tokenizer would make of it: one for each word.
    learner.train_from_iterator([PROMPT], trainer)
    learnt = json.loads(learner.to_str())["model"]
    known: dict[str, int] = learnt["vocab"]
    vocabulary = known | {f"Ġword{number}": number for number in range(len(known), _VOCABULARY)}
    bpe = Tokenizer(models.BPE(vocab=vocabulary, merges=[(left, right) for left, right in learnt["merges"]]))
    bpe.pre_tokenizer = bytewise
    bpe.decoder = decoders.ByteLevel()
    make: type[Any] = PreTrainedTokenizerFast  # its __init__ has no types
    tokenizer: PreTrainedTokenizerFast = make(
        tokenizer_object=bpe,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=PAD,
        unk_token=PAD,
        additional_special_tokens=[genre.token for genre in ORIGINAL_GENRES],
    )
    return tokenizer

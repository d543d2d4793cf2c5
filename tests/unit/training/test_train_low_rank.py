"""LoRA: what is trained, and that the checkpoint is a plain GPT-2."""

from __future__ import annotations

import json
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import pipeline

from storygen.checkpoint import load
from storygen.pipeline import StoryGenerator
from storygen.prompt import GPT2_END
from tests.fakes.tiny_model import CONTROL_TOKENS
from tests.fakes.tiny_training import tiny_config, weight_bytes
from training.errors import TrainingError
from training.train.config import TrainingConfig, read_config
from training.train.run import train

LORA = "lora_rank = 4\nlora_alpha = 8\noptimizer = 'adamw'"


@pytest.fixture
def config(tmp_path: Path, tiny_checkpoint: Path) -> TrainingConfig:
    return read_config(tiny_config(tmp_path, base=tiny_checkpoint, more=LORA))


def test_the_checkpoint_is_a_plain_gpt2(config: TrainingConfig, prepared_films: Path, tmp_path: Path) -> None:
    train(config, prepared_films, tmp_path / "run", tmp_path / "out")
    assert list(weight_bytes(tmp_path / "out")) == ["model.safetensors"]
    saved = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    assert saved["architectures"] == ["GPT2LMHeadModel"]
    assert not any("attn_implementation" in key for key in saved)
    story = StoryGenerator(str(tmp_path / "out"))("<BOS> <horror> The captain", max_new_tokens=10, seed=1)
    assert story[0]["generated_text"].startswith("<BOS> <horror> The captain")
    plain = pipeline("text-generation", model=str(tmp_path / "out"))
    answer = plain("<BOS> <horror> The captain", max_new_tokens=10, do_sample=False)
    assert len(answer[0]["generated_text"]) > len("<BOS> <horror> The captain")


def test_only_matrices_and_control_tokens_change(
    config: TrainingConfig, prepared_films: Path, tmp_path: Path, tiny_checkpoint: Path
) -> None:
    train(config, prepared_films, tmp_path / "run", tmp_path / "out")
    before, tokenizer = attrgetter("model", "tokenizer")(load(str(tiny_checkpoint)))
    after = attrgetter("model")(load(str(tmp_path / "out")))
    trained = sorted(tokenizer.get_vocab()[token] for token in CONTROL_TOKENS)
    halved = before.transformer.wte.weight.half().float()
    rows = (halved != after.transformer.wte.weight).any(dim=1).nonzero().flatten().tolist()
    assert rows == trained
    for name in ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight"):
        old, new = attrgetter(name)(before.transformer.h[1]), attrgetter(name)(after.transformer.h[1])
        assert (old - new).abs().max() > 1e-3
    assert torch.equal(before.transformer.wpe.weight.half().float(), after.transformer.wpe.weight)


def test_a_target_that_the_model_lacks_is_named(config: TrainingConfig, prepared_films: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"lora_targets does not fit this model.*q_proj"):
        train(replace(config, lora_targets=("q_proj",)), prepared_films, tmp_path / "run", tmp_path / "out")


def test_a_base_without_control_tokens_learns_them(
    config: TrainingConfig, prepared_films: Path, tmp_path: Path, base_without_control_tokens: Path
) -> None:
    config = replace(config, base=str(base_without_control_tokens))
    train(config, prepared_films, tmp_path / "run", tmp_path / "out")
    checkpoint = load(str(tmp_path / "out"))
    assert set(CONTROL_TOKENS) <= set(checkpoint.tokenizer.get_vocab())
    assert attrgetter("model.lm_head.weight")(checkpoint).shape[0] == len(checkpoint.tokenizer)


@pytest.fixture
def base_without_control_tokens(tmp_path: Path) -> Path:
    """Give a small model such as the hub has: its tokenizer knows nothing of genres."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bpe.train_from_iterator(
        ["He goes."], trainers.BpeTrainer(initial_alphabet=alphabet, special_tokens=[GPT2_END], show_progress=False)
    )
    make: type[Any] = PreTrainedTokenizerFast  # its __init__ has no types
    tokenizer = make(tokenizer_object=bpe, eos_token=GPT2_END, bos_token=GPT2_END)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=len(tokenizer), n_positions=64, n_embd=32, n_layer=2, n_head=2))
    model.save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    return tmp_path / "base"

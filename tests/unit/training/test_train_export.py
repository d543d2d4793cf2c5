"""The checkpoint that a run ends with: float16 in shards, as plain transformers reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from storygen.checkpoint import load
from tests.fakes.tiny_training import tiny_config, weight_bytes
from training.train.config import read_config
from training.train.run import export_state, train

LARGEST_FILE = 16_000_000


def test_a_larger_model_is_divided_into_shards(prepared_films: Path, tmp_path: Path) -> None:
    config = read_config(tiny_config(tmp_path))
    assert config.max_shard_size == "15MB"
    stages = (replace(config.stages[0], batches=2),)
    config = replace(config, embedding=512, layers=3, batch_tokens=128, stages=stages)
    train(config, prepared_films, tmp_path / "run", tmp_path / "out")
    shards = weight_bytes(tmp_path / "out")
    assert len(shards) == 2
    assert all(len(shard) < LARGEST_FILE for shard in shards.values())
    model: Any = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    assert model.dtype == torch.float16
    assert len(AutoTokenizer.from_pretrained(tmp_path / "out")) == model.config.vocab_size
    ours = attrgetter("model")(load(str(tmp_path / "out")))
    assert torch.equal(ours.transformer.wte.weight, model.transformer.wte.weight.float())
    assert ours.num_parameters() == model.num_parameters() > 9_000_000


def test_a_smaller_limit_replaces_the_files_of_the_earlier_one(prepared_films: Path, tmp_path: Path) -> None:
    config = read_config(tiny_config(tmp_path))
    train(config, prepared_films, tmp_path / "run", tmp_path / "out")
    assert list(weight_bytes(tmp_path / "out")) == ["model.safetensors"]
    export_state(replace(config, max_shard_size="20KB"), prepared_films, tmp_path / "run", tmp_path / "out")
    assert len(weight_bytes(tmp_path / "out")) > 2
    assert "model.safetensors" not in weight_bytes(tmp_path / "out")


def test_how_it_was_computed_is_not_in_the_checkpoint(prepared_films: Path, tmp_path: Path) -> None:
    train(read_config(tiny_config(tmp_path)), prepared_films, tmp_path / "run", tmp_path / "out")
    saved = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    assert not any("attn_implementation" in key for key in saved)
    assert saved["use_cache"] is True
    assert saved["dtype"] == "float16"

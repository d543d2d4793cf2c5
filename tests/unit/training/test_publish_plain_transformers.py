"""A checkpoint needs nothing of ours: transformers' own pipeline loads it and tells the same stories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import pipeline

import training
from storygen import StoryGenerator
from storygen.checkpoint import BUILTIN, checkpoint_path, without_progress_bars
from training.__main__ import main

SMOKE = Path(training.__file__).parent / "configs" / "smoke.toml"
PROMPT = "<BOS> <horror> The lighthouse"


@pytest.fixture(scope="module")
def trained(prepared_films: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the folder of a checkpoint that was just trained on a few made-up films."""
    folder = tmp_path_factory.mktemp("trained")
    run = ["--data", str(prepared_films), "--run", str(folder / "run"), "--out", str(folder / "checkpoint")]
    assert main(["train", "--config", str(SMOKE), *run]) == 0
    return str(folder / "checkpoint")


def storyteller(folder: str) -> Callable[..., list[dict[str, Any]]]:
    """Load a folder as anybody would, but for float32, in which storygen computes too."""
    make: Any = pipeline  # its overloads know every task there is
    with without_progress_bars():
        made: Callable[..., list[dict[str, Any]]] = make("text-generation", folder, dtype=torch.float32)
    return made


def by_transformers(folder: str) -> str:
    told = storyteller(folder)(PROMPT, max_new_tokens=40, do_sample=False)
    return str(told[0]["generated_text"])


def by_storygen(checkpoint: str) -> str:
    told = StoryGenerator(checkpoint)(PROMPT, max_new_tokens=40, do_sample=False, repetition_penalty=1.0)
    return told[0]["generated_text"]


def test_the_built_in_model_tells_the_same_with_plain_transformers() -> None:
    text = by_transformers(checkpoint_path(BUILTIN))
    assert text == by_storygen(BUILTIN)
    assert text.startswith(PROMPT)
    assert len(text.split()) > len(PROMPT.split()) + 10


def test_a_freshly_trained_model_tells_the_same_with_plain_transformers(trained: str) -> None:
    text = by_transformers(trained)
    assert text == by_storygen(trained)
    assert len(text) > len(PROMPT)


def test_the_pipeline_stops_where_the_story_ends_by_itself(trained: str) -> None:
    teller: Any = storyteller(trained)
    ended = teller.tokenizer.convert_tokens_to_ids("<EOS>")
    assert teller.model.generation_config.eos_token_id == ended
    assert teller.model.generation_config.pad_token_id == teller.tokenizer.convert_tokens_to_ids("<PAD>")

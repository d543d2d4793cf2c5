"""The batched runner must write what transformers' plain loop writes."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from storygen.checkpoint import BUILTIN, Checkpoint, checkpoint_path, load
from storygen.engines.model_runner import ModelRunner
from storygen.engines.sampler import MIN_NEW_TOKENS
from storygen.engines.story_writer import token_rules
from storygen.sampling import SamplingOptions
from tests.fakes.tiny_model import TinyShape, write_tiny_checkpoint

NEW_TOKENS = 40
TEXTS = ["", "Batman is hunting down", "The ship left", "In the old house a child heard the walls breathe, and", "é 🦇"]


@pytest.fixture(scope="module")
def tiny(tiny_checkpoint: Path) -> Checkpoint:
    return load(str(tiny_checkpoint))


def runner_for(checkpoint: Checkpoint, rows: int) -> ModelRunner:
    rules = token_rules(checkpoint)
    return ModelRunner(checkpoint.model, rows=rows, ends=rules.ends, forbidden=rules.forbidden)


def prompts(checkpoint: Checkpoint) -> list[list[int]]:
    return [list(checkpoint.tokenizer.encode(f"<BOS> <horror> {text}".rstrip())) for text in TEXTS]


def greedy(penalty: float) -> SamplingOptions:
    return SamplingOptions(do_sample=False, repetition_penalty=penalty, max_new_tokens=NEW_TOKENS)


def generated(checkpoint: Checkpoint, prompt: list[int], penalty: float) -> list[int]:
    """Give what transformers' own loop writes under the same rules, without the end token."""
    rules = token_rules(checkpoint)
    ids = torch.tensor([prompt])
    model: Any = checkpoint.model  # the types of generate() refuse a GPT-2
    output = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=NEW_TOKENS,
        min_new_tokens=MIN_NEW_TOKENS,
        do_sample=False,
        repetition_penalty=penalty,
        suppress_tokens=rules.forbidden,
        eos_token_id=rules.ends,
        pad_token_id=checkpoint.tokenizer.pad_token_id,
    )
    tokens: list[int] = output[0].tolist()[len(prompt) :]
    return [token for token in tokens if token not in rules.ends]


def write(runner: ModelRunner, rows: dict[int, list[int]], ends: list[int]) -> None:
    """Take one step and close what has ended."""
    for row, token in runner.step().items():
        if token not in ends:
            rows[row].append(token)
        if token in ends or len(rows[row]) == NEW_TOKENS:
            runner.remove(row)


@pytest.mark.parametrize("penalty", [1.0, 1.1, 1.5])
def test_a_greedy_story_alone_equals_generate(tiny: Checkpoint, penalty: float) -> None:
    for prompt in prompts(tiny):
        runner = runner_for(tiny, 1)
        rows: dict[int, list[int]] = {runner.add(prompt, greedy(penalty), seed=0): []}
        while runner.free_rows == 0:
            write(runner, rows, token_rules(tiny).ends)
        assert rows[0] == generated(tiny, prompt, penalty)


@pytest.mark.parametrize("seed", range(4))
def test_greedy_stories_equal_generate_while_others_join_and_leave(tiny: Checkpoint, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable test
    ends = token_rules(tiny).ends
    runner = runner_for(tiny, 4)
    waiting = [(prompt, penalty) for prompt in prompts(tiny) for penalty in (1.0, 1.1)]
    random.shuffle(waiting)
    rows: dict[int, list[int]] = {}
    told: list[tuple[list[int], float, list[int]]] = []
    while waiting or runner.free_rows < 4:
        if waiting and runner.free_rows and random.random() < 0.3:
            prompt, penalty = waiting.pop()
            row = runner.add(prompt, greedy(penalty), seed=0)
            rows[row] = []
            told.append((prompt, penalty, rows[row]))
        elif runner.free_rows and random.random() < 0.3:  # a stranger who samples, and leaves soon
            runner.remove(runner.add(prompts(tiny)[1], SamplingOptions(), seed=1))
        write(runner, rows, ends)
    for prompt, penalty, tokens in told:
        assert tokens == generated(tiny, prompt, penalty)


@pytest.mark.parametrize(
    "shape",
    [
        TinyShape(scale_attn_by_inverse_layer_idx=True, n_layer=3),
        TinyShape(reorder_and_upcast_attn=True),
        TinyShape(activation_function="relu", n_head=2),
        TinyShape(eos_bias=6.0),
        TinyShape(any_bytes=True, n_positions=90),
    ],
    ids=["inverse-layer-scale", "reordered", "relu", "ends-soon", "any-bytes"],
)
def test_other_shapes_of_gpt2_equal_generate_too(shape: TinyShape, tmp_path: Path) -> None:
    checkpoint = load(str(write_tiny_checkpoint(tmp_path / "shape", seed=3, shape=shape)))
    runner = runner_for(checkpoint, len(TEXTS))
    rows: dict[int, list[int]] = {runner.add(prompt, greedy(1.1), seed=0): [] for prompt in prompts(checkpoint)}
    while runner.free_rows < len(TEXTS):
        write(runner, rows, token_rules(checkpoint).ends)
    assert list(rows.values()) == [generated(checkpoint, prompt, 1.1) for prompt in prompts(checkpoint)]


def test_the_built_in_model_writes_what_generate_writes() -> None:
    if not Path(checkpoint_path(BUILTIN), "model.safetensors").is_file():
        pytest.skip("this checkout has no built-in model")
    checkpoint = load(BUILTIN)
    prompts_by_genre = [
        list(checkpoint.tokenizer.encode(f"<BOS> <{genre}> A stranger came to the house"))
        for genre in ("superhero", "horror", "drama")
    ]
    runner = runner_for(checkpoint, 3)
    rows: dict[int, list[int]] = {runner.add(prompt, greedy(1.1), seed=0): [] for prompt in prompts_by_genre}
    while runner.free_rows < 3:
        write(runner, rows, token_rules(checkpoint).ends)
    assert list(rows.values()) == [generated(checkpoint, prompt, 1.1) for prompt in prompts_by_genre]

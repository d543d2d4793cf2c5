"""The fake checkpoint is real enough: the same files, code paths and rules as a trained one."""

from __future__ import annotations

from pathlib import Path

import torch

from storygen.checkpoint import load, read_info
from storygen.genre import ORIGINAL_GENRES
from tests.fakes.tiny_model import CONTROL_TOKENS, TinyShape, write_tiny_checkpoint


def test_the_same_seed_writes_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    folders = [write_tiny_checkpoint(tmp_path / name, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))]
    weights = [(folder / "model.safetensors").read_bytes() for folder in folders]
    assert weights[0] == weights[1] != weights[2]


def test_it_does_not_touch_the_random_numbers_of_others(tmp_path: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    write_tiny_checkpoint(tmp_path / "x")
    assert torch.equal(torch.rand(3), expected)


def test_each_control_token_is_one_token(tiny_checkpoint: Path) -> None:
    tokenizer = load(str(tiny_checkpoint)).tokenizer
    assert all(len(tokenizer.encode(token)) == 1 for token in CONTROL_TOKENS)
    assert read_info(str(tiny_checkpoint)).genres == ORIGINAL_GENRES


def test_a_bias_makes_the_end_likely_or_unlikely(tmp_path: Path) -> None:
    chances = []
    for bias in (-30.0, 0.0, 30.0):
        checkpoint = load(str(write_tiny_checkpoint(tmp_path / str(bias), shape=TinyShape(eos_bias=bias))))
        prompt = torch.tensor([checkpoint.tokenizer.encode("<BOS> <horror> The ship")])
        with torch.no_grad():
            probabilities = checkpoint.model(prompt).logits[0, -1].softmax(-1)
        chances.append(float(probabilities[checkpoint.tokenizer.convert_tokens_to_ids("<EOS>")]))
    assert chances[0] < 1e-6 < chances[1] < 0.99 < chances[2]

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from storygen.checkpoint import BUILTIN, Checkpoint, checkpoint_path, load, read_info
from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import render_example, render_prompt
from training.evaluate.perplexity import LabelledStory, measure

FOLDER = Path(checkpoint_path(BUILTIN))
LARGEST_FOLDER = 40 * 2**20

STORY = (
    "A young woman returns to the village where her father disappeared. The police tell her that the case is closed. "
    "She finds his car in the lake, and in it the letters of a man who is now the mayor."
)


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return load(BUILTIN)


def test_the_folder_is_small_and_holds_no_pickle() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= LARGEST_FOLDER
    assert {path.suffix for path in FOLDER.iterdir()} == {".json", ".md", ".safetensors"}


def test_the_weights_are_finite_numbers_of_half_precision() -> None:
    with safe_open(FOLDER / "model.safetensors", "pt") as weights:
        for name in weights.keys():  # noqa: SIM118  # it is no dictionary
            tensor = weights.get_tensor(name)
            assert tensor.dtype == torch.float16
            assert torch.isfinite(tensor).all()


def test_the_card_and_the_info_state_licence_and_genres() -> None:
    info = read_info(BUILTIN)
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert info.genres == ORIGINAL_GENRES
    assert info.licence == "CC BY-SA 4.0"
    assert "CC BY-SA 4.0" in card
    assert "Wikipedia contributors" in card


@pytest.mark.parametrize("genre", [genre.name for genre in ORIGINAL_GENRES])
def test_a_prompt_is_two_control_tokens_and_its_text(checkpoint: Checkpoint, genre: str) -> None:
    ids = checkpoint.tokenizer(render_prompt(genre, "Batman is hunting down"))["input_ids"]
    tokens = checkpoint.tokenizer.convert_ids_to_tokens(ids)
    assert tokens[:2] == ["<BOS>", f"<{genre}>"]
    assert not any(token.startswith("<") for token in tokens[2:])
    rendered = render_example(genre, "Batman is hunting down")
    assert checkpoint.tokenizer.decode(checkpoint.tokenizer(rendered)["input_ids"]) == rendered


def test_it_knows_english_better_than_shuffled_english(checkpoint: Checkpoint) -> None:
    told = measure(checkpoint, LabelledStory("thriller", STORY))
    shuffled = measure(checkpoint, LabelledStory("thriller", " ".join(sorted(STORY.split()))))
    assert told.nats < 0.8 * shuffled.nats
    assert told.nats / told.tokens < 5.5

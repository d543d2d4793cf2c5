from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import BOS, EOS, PAD, clean_text, render_example, render_prompt
from training.train.tokenizer import train_tokenizer

GENRES = [genre.name for genre in ORIGINAL_GENRES]
TEXTS = ["Batman is hunting down the Joker in the old city.", "The old ship hunts in the city of the sea."] * 3


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> PreTrainedTokenizerBase:
    """Give the tokenizer as the engine reads it: saved and loaded again."""
    folder = tmp_path_factory.mktemp("tokenizer")
    train_tokenizer(TEXTS, vocabulary=330, positions=64, genres=GENRES).save_pretrained(folder)
    (folder / "config.json").write_text('{"model_type": "gpt2"}')
    return AutoTokenizer.from_pretrained(folder)


def test_a_rendered_prompt_costs_one_token_for_each_control_token(tokenizer: PreTrainedTokenizerBase) -> None:
    ids = tokenizer(render_prompt("superhero", "Batman"))["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids)[:2] == [BOS, "<superhero>"]
    assert tokenizer.decode(ids) == "<BOS> <superhero> Batman"
    assert tokenizer.decode(ids[2:]) == " Batman"


def test_the_end_is_one_token_without_a_space_before(tokenizer: PreTrainedTokenizerBase) -> None:
    ids = tokenizer(render_example("horror", "The old ship"))["input_ids"]
    assert ids[-1] == tokenizer.eos_token_id
    assert tokenizer.decode(ids[:-1]) == "<BOS> <horror> The old ship"
    assert tokenizer.decode(ids, skip_special_tokens=True) == " The old ship"


def test_adding_the_control_tokens_again_changes_nothing(tokenizer: PreTrainedTokenizerBase) -> None:
    again = copy.deepcopy(tokenizer)
    again.add_special_tokens(
        {"bos_token": BOS, "eos_token": EOS, "pad_token": PAD, "additional_special_tokens": ["<horror>", "<drama>"]}
    )
    rendered = render_example("horror", "The old ship")
    assert again(rendered)["input_ids"] == tokenizer(rendered)["input_ids"]


def test_every_control_token_has_a_place_of_its_own(tokenizer: PreTrainedTokenizerBase) -> None:
    tokens = [BOS, EOS, PAD, *(genre.token for genre in ORIGINAL_GENRES)]
    places = {tokenizer.convert_tokens_to_ids(token) for token in tokens}
    assert len(places) == len(tokens)
    assert (tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token) == (BOS, EOS, PAD)
    assert len(tokenizer) <= 330


@given(text=st.text(), genre=st.sampled_from(GENRES))
def test_any_clean_text_comes_back_as_it_was(tokenizer: PreTrainedTokenizerBase, text: str, genre: str) -> None:
    rendered = render_example(genre, clean_text(text, ORIGINAL_GENRES))
    assert tokenizer.decode(tokenizer(rendered)["input_ids"]) == rendered

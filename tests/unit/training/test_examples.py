from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import GPT2Config, GPT2LMHeadModel

from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import EOS
from training.train.examples import IGNORED, encode_pieces, pack, render_pieces, sentences
from training.train.tokenizer import train_tokenizer
from training.works import Work

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

BLOCK = 64


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    genres = [genre.name for genre in ORIGINAL_GENRES]
    return train_tokenizer(["He goes home. She stays."], vocabulary=280, positions=BLOCK, genres=genres)


def work_of(sentence_count: int, genre: str | None = "drama") -> Work:
    text = " ".join(f"Sentence number {number} ends." for number in range(sentence_count))
    return Work(source="films", title="A", genre=genre, text=text)


@given(st.text(alphabet="Ab.!?\"') \n", max_size=60))
def test_sentences_joined_are_the_text_again(text: str) -> None:
    assert "".join(sentences(text)) == text


def test_sentences_keep_their_closing_quotes() -> None:
    assert sentences('"Go!" he says. She (too.) goes.\nOn.') == ['"Go!"', " he says.", " She (too.)", " goes.", "\nOn."]


def test_a_short_text_is_one_piece_with_its_end(tokenizer: PreTrainedTokenizerBase) -> None:
    assert render_pieces(work_of(1), tokenizer, BLOCK) == ["<BOS> <drama> Sentence number 0 ends. <EOS>"]


@pytest.mark.parametrize("count", [3, 4, 5, 9, 17])
def test_a_long_text_becomes_pieces_that_fit_and_together_are_the_text(
    tokenizer: PreTrainedTokenizerBase, count: int
) -> None:
    work = work_of(count)
    pieces = render_pieces(work, tokenizer, BLOCK)
    assert all(piece.startswith("<BOS> <drama> Sentence") for piece in pieces)
    assert [piece.endswith(EOS) for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    texts = [piece.removeprefix("<BOS> <drama> ").removesuffix(" <EOS>") for piece in pieces]
    assert " ".join(texts) == work.text
    assert all(len(tokenizer(piece)["input_ids"]) <= BLOCK for piece in pieces)


def test_a_work_without_a_genre_is_rendered_without_one(tokenizer: PreTrainedTokenizerBase) -> None:
    assert render_pieces(work_of(1, genre=None), tokenizer, BLOCK) == ["<BOS> Sentence number 0 ends. <EOS>"]


def test_a_late_start_begins_at_a_sentence_and_keeps_the_end(tokenizer: PreTrainedTokenizerBase) -> None:
    draw = random.Random(1)  # noqa: S311  # not for secrets
    starts = {render_pieces(work_of(6), tokenizer, BLOCK, draw)[0][:33] for _ in range(30)}
    assert starts == {f"<BOS> <drama> Sentence number {number} e" for number in (1, 2, 3)}


def test_a_sentence_that_is_longer_than_a_block_is_cut(tokenizer: PreTrainedTokenizerBase) -> None:
    work = Work(source="films", title="A", genre="drama", text="word " * 100)
    ids = encode_pieces(render_pieces(work, tokenizer, BLOCK), tokenizer, BLOCK)
    assert [len(piece) for piece in ids] == [BLOCK]


@given(st.lists(st.integers(1, 16), max_size=40))
def test_packing_loses_and_splits_no_piece(lengths: list[int]) -> None:
    pieces = [[100 + number] * length for number, length in enumerate(lengths)]
    blocks = pack(pieces, 16, bos=1, pad=0)
    assert all(len(block.input_ids) == len(block.position_ids) == len(block.labels) == 16 for block in blocks)
    found = sorted(token for block in blocks for token in block.input_ids if token)
    assert found == sorted(token for piece in pieces for token in piece)
    assert len(blocks) <= max(1, 2 * sum(lengths) // 16 + 1)
    for block in blocks:
        for place, token in enumerate(block.input_ids):
            if token and block.position_ids[place] > 0:
                assert block.input_ids[place - 1] == token


def test_padding_and_the_beginning_of_an_example_are_not_learnt() -> None:
    (block,) = pack([[1, 5, 6], [1, 7]], 8, bos=1, pad=0)
    assert block.input_ids == [1, 5, 6, 1, 7, 0, 0, 0]
    assert block.position_ids == [0, 1, 2, 0, 1, 0, 1, 2]
    assert block.labels == [IGNORED, 5, 6, IGNORED, 7, IGNORED, IGNORED, IGNORED]


def test_examples_in_one_block_do_not_see_each_other() -> None:
    torch.manual_seed(1)
    config = GPT2Config(
        vocab_size=20,
        n_positions=16,
        n_embd=16,
        n_layer=2,
        n_head=2,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
    )
    model = GPT2LMHeadModel(config)  # without dropout, so it need not be told that it is not training
    first, second = [1, 5, 6, 7, 8], [1, 9, 10]
    (block,) = pack([first, second], 8, bos=1, pad=0)
    with torch.inference_mode():
        together = model(
            input_ids=torch.tensor([block.input_ids]), position_ids=torch.tensor([block.position_ids]), use_cache=False
        ).logits[0]
        alone = model(input_ids=torch.tensor([second])).logits[0]
    torch.testing.assert_close(together[5:8], alone)

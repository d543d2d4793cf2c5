from __future__ import annotations

import random
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import GPT2Config, GPT2LMHeadModel

from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import EOS
from training.train.examples import (
    IGNORED,
    TitlePlace,
    encode_pieces,
    fill,
    lay_out,
    pack,
    render_pieces,
    sentences,
)
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
    pieces = [array("i", [100 + number] * length) for number, length in enumerate(lengths)]
    blocks = pack(pieces, 16)
    assert all(sum(map(len, together)) <= 16 for together in blocks)
    found = sorted(piece.tolist() for together in blocks for piece in together)
    assert found == sorted(piece.tolist() for piece in pieces)
    assert len(blocks) <= max(1, 2 * sum(lengths) // 16 + 1)


@given(st.lists(st.integers(1, 16), min_size=1, max_size=40))
def test_filling_leaves_little_room_and_changes_no_piece(lengths: list[int]) -> None:
    pieces = [array("i", range(100, 100 + length)) for length in lengths]
    blocks = pack(pieces, 16)
    before = [list(together) for together in blocks]
    fill(blocks, 16, [array("i", range(100, 116))])
    for together, alone in zip(blocks, before, strict=True):
        assert together[: len(alone)] == alone
        assert 16 - 16 // 8 < sum(map(len, together)) <= 16
        assert all(piece[0] == 100 for piece in together)  # what fills is a beginning too


def test_padding_the_beginning_of_an_example_and_the_wish_for_a_title_are_not_learnt() -> None:
    block = lay_out([array("i", [1, 5, 6, 3, 9]), array("i", [1])], 8, pad=0, unlearnt={1, 3})
    assert block.input_ids == [1, 5, 6, 3, 9, 1, 0, 0]
    assert block.position_ids == [0, 1, 2, 3, 4, 0, 0, 1]
    assert block.labels == [IGNORED, 5, 6, IGNORED, 9, IGNORED, IGNORED, IGNORED]


def test_a_title_is_given_before_the_first_piece_or_found_after_every_piece(tokenizer: PreTrainedTokenizerBase) -> None:
    work = replace(work_of(9), title="The Mill")
    before = render_pieces(work, tokenizer, BLOCK, title_place=TitlePlace.BEFORE)
    assert before[0].startswith("<BOS> <TITLE> The Mill <drama> Sentence number 0")
    assert all(piece.startswith("<BOS> <drama> Sentence") for piece in before[1:])
    after = render_pieces(work, tokenizer, BLOCK, title_place=TitlePlace.AFTER)
    assert all(piece.endswith("ends. <TITLE> The Mill <EOS>") for piece in after[:-1])
    assert after[-1].endswith("ends. <EOS> <TITLE> The Mill <EOS>")
    assert all(len(tokenizer(piece)["input_ids"]) <= BLOCK for piece in (*before, *after))


@pytest.mark.parametrize(("title", "genre"), [("unknown", "drama"), ("", "drama"), ("x" * 81, "drama"), ("A", None)])
def test_what_is_no_title_is_left_out(tokenizer: PreTrainedTokenizerBase, title: str, genre: str | None) -> None:
    work = replace(work_of(1, genre), title=title)
    for place in TitlePlace:
        assert "<TITLE>" not in "".join(render_pieces(work, tokenizer, BLOCK, title_place=place))


def test_a_story_that_begins_late_is_not_given_its_title(tokenizer: PreTrainedTokenizerBase) -> None:
    draw = random.Random(1)  # noqa: S311  # not for secrets
    work = replace(work_of(6), title="The Mill")
    assert "<TITLE>" not in "".join(render_pieces(work, tokenizer, BLOCK, draw, TitlePlace.BEFORE))


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
    block = lay_out([array("i", first), array("i", second)], 8, pad=0, unlearnt={1})
    with torch.inference_mode():
        together = model(
            input_ids=torch.tensor([block.input_ids]), position_ids=torch.tensor([block.position_ids]), use_cache=False
        ).logits[0]
        alone = model(input_ids=torch.tensor([second])).logits[0]
    torch.testing.assert_close(together[5:8], alone)

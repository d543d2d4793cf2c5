"""Tokens to text, whole characters only."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from storygen.engines.text_stream import TextStream
from tests.fakes.tiny_model import CONTROL_TOKENS, tiny_tokenizer


@cache
def tokenizer() -> PreTrainedTokenizerFast:
    return tiny_tokenizer()


def stream() -> TextStream:
    return TextStream(lambda tokens: str(tokenizer().backend_tokenizer.decode(tokens)))


def is_plain(text: str) -> bool:
    return not text.endswith("\ufffd") and not any(token in text for token in CONTROL_TOKENS)


@given(st.text().filter(is_plain))
def test_the_pieces_together_are_the_text(text: str) -> None:
    tokens, written = tokenizer().encode(text), stream()
    pieces = [written.add(token) for token in tokens]
    assert "".join(pieces) == written.text == text


@given(st.lists(st.integers(0, 255 + 100)))
def test_any_tokens_give_the_same_text_as_decoding_them_at_once(tokens: list[int]) -> None:
    written = stream()
    pieces = [written.add(token) for token in tokens]
    whole = str(tokenizer().backend_tokenizer.decode(tokens))
    assert "".join(pieces) == written.text
    assert whole.startswith(written.text)
    assert set(whole[len(written.text) :]) <= {"\ufffd"}


@pytest.mark.parametrize("text", ["🦇", "é", "日本", "👩\u200d🚀"])
def test_a_character_of_several_tokens_comes_when_it_is_whole(text: str) -> None:
    written = stream()
    growing = [written.text for token in tokenizer().encode(text) if written.add(token) is not None]
    assert all(text.startswith(part) for part in growing)
    assert all(later.startswith(earlier) for earlier, later in pairwise(growing))
    assert growing[-1] == text

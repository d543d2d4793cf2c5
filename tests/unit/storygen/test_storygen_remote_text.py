"""What comes over the wire: events out of bytes, text out of events, control tokens out of text."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storygen.engines.remote.answer import Chunk, read_event
from storygen.engines.remote.control_tokens import ControlTokenFilter
from storygen.engines.remote.errors import ServerUnavailable
from storygen.engines.remote.event_stream import LONGEST, EventStream
from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import CONTROL_TOKENS
from storygen.story import FinishReason

TOKENS = [*CONTROL_TOKENS, *(genre.token for genre in ORIGINAL_GENRES)]


def pieces_of(whole: list[int], length: int) -> list[tuple[int, int]]:
    return list(pairwise([0, *sorted(place % (length + 1) for place in whole), length]))


def filtered(*pieces: str) -> tuple[str, bool]:
    one = ControlTokenFilter(ORIGINAL_GENRES)
    return "".join([*map(one.add, pieces), one.rest()]), one.ended


@given(st.lists(st.text(max_size=20)), st.sampled_from(["\n", "\r\n", "\r"]), st.lists(st.integers(0, 2000)))
def test_events_are_the_same_wherever_the_network_cuts_them(texts: list[str], line_end: str, cuts: list[int]) -> None:
    sent = "".join(f": alive{line_end}data: {json.dumps(text)}{line_end}id: 1{line_end}{line_end}" for text in texts)
    stream, raw = EventStream(), f"{sent}x".encode()  # a carriage return is taken only with what follows it
    found = [event for start, end in pieces_of(cuts, len(raw)) for event in stream.add(raw[start:end])]
    assert [json.loads(event) for event in found] == texts


def test_an_event_of_several_lines_is_one() -> None:
    assert EventStream().add(b"data: a\ndata:b\ndata\n\n") == ["a\nb\n"]


def test_an_event_without_an_end_is_never_given() -> None:
    assert EventStream().add(b"data: a\n") == []


def test_an_endless_event_is_an_error() -> None:
    stream = EventStream()
    assert stream.add(b"data: " + b"x" * (LONGEST // 2)) == []
    with pytest.raises(ValueError, match="without an end"):
        stream.add(b"x" * LONGEST)


@given(
    st.lists(st.one_of(st.sampled_from([*TOKENS, "<", ">", "<B", "OS>", "<hor", "|", " "]), st.text(max_size=6))),
    st.lists(st.integers(0, 300)),
)
@example(["<BOS>", "<B", "<BOS>", "OS>"], [8])
def test_control_tokens_are_gone_wherever_the_text_is_cut(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    whole, ended = filtered(text)
    assert filtered(*(text[start:end] for start, end in pieces_of(cuts, len(text)))) == (whole, ended)
    assert [token for token in TOKENS if token in whole] == []


@given(st.text(alphabet="ab <>|EOS"))
def test_text_without_control_tokens_is_given_whole(text: str) -> None:
    if not any(token in text for token in TOKENS):
        assert filtered(text) == (text, False)


def test_taking_a_token_out_makes_no_other_one() -> None:
    assert filtered("a <B<horror>O", "S> b") == ("a  b", False)


def test_what_can_not_become_a_token_is_given_at_once() -> None:
    one = ControlTokenFilter(ORIGINAL_GENRES)
    assert [one.add("a < b"), one.add(" <ho"), one.add("use"), one.add(" <"), one.rest()] == [
        "a < b", " ", "<house", " ", "<",
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["<EOS>", "<|endoftext|>"])
def test_an_end_token_ends_the_text(end: str) -> None:
    assert filtered("a", f" b {end} c", " d") == ("a b ", True)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("[DONE]", Chunk(is_last=True)),
        ('{"choices": [{"text": " a"}]}', Chunk(text=" a")),
        ('{"choices": [{"text": null, "finish_reason": "stop"}]}', Chunk(finish_reason=FinishReason.EOS)),
        ('{"choices": [{"finish_reason": "length"}]}', Chunk(finish_reason=FinishReason.LENGTH)),
        ('{"choices": [{"finish_reason": "content_filter"}]}', Chunk(finish_reason=FinishReason.EOS)),
        (
            '{"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 5}}',
            Chunk(prompt_tokens=4, new_tokens=5),
        ),
        ('{"choices": [{"text": "a"}], "usage": null}', Chunk(text="a")),
    ],
)
def test_events_of_the_protocol_are_understood(data: str, expected: Chunk) -> None:
    assert read_event("s", data) == expected


NAMES = st.sampled_from(["choices", "text", "usage", "error", "finish_reason", "prompt_tokens"])
ANY_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner),
    max_leaves=8,
)


@given(st.one_of(st.text(), ANY_JSON.map(json.dumps)))
def test_whatever_an_event_is_it_is_read_or_it_is_the_servers_fault(data: str) -> None:
    with suppress(ServerUnavailable):
        assert isinstance(read_event("s", data).text, str)

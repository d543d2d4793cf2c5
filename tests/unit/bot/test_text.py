"""Text on its way to Discord."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import clipped, escaped, pages, tail, word_count
from tests.e2e.reading import plain

LONG = "The rain fell. The door was open. Nobody had seen the lantern since Tuesday. It burned."


@pytest.mark.parametrize(
    "typed",
    ["@everyone", "@here", "<@123456789012345678>", "<@&123456789012345678>", "<#123456789012345678>", "<:x:1>",
     "<t:1:R>", "# big", "-# small", "**bold**", "||spoiler||", "`code`", "> quote", "[a](https://example.org)"],
)  # fmt: skip
def test_what_discord_would_turn_into_something_else_is_shown_to_the_letter(typed: str) -> None:
    shown = escaped(typed)
    assert shown != typed
    assert plain(shown) == typed


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a\n - b", "a\n \\- b"),
        ("a\n\n- b", "a\n\n\\- b"),
        ("7. a\n3) b", "7\\. a\n3\\) b"),
        ("[**x**](http://a.org)", "\\[\\*\\*x\\*\\*](http://a.org)"),
        ("see https://a.org/b_c_d.", "see https://a.org/b_c_d."),
        ("<https://a.org>", "\\<https://a.org>"),
    ],
)
def test_signs_are_escaped_where_discord_reads_them(typed: str, shown: str) -> None:
    assert escaped(typed) == shown


def test_plain_prose_stays_as_it_is() -> None:
    assert escaped(LONG) == LONG


@given(st.text(), st.integers(min_value=1, max_value=200))
def test_clipped_text_is_never_longer_than_its_limit_and_begins_as_before(text: str, limit: int) -> None:
    short = clipped(text, limit)
    assert len(short) <= limit
    assert text.startswith(short.removesuffix("…")) or short == text


def test_text_is_clipped_after_a_whole_word() -> None:
    assert clipped("Nobody had seen the lantern", 14) == "Nobody had…"


@given(st.text(), st.integers(min_value=1, max_value=200))
def test_a_tail_is_never_longer_than_its_limit_and_ends_as_the_text_does(text: str, limit: int) -> None:
    end = tail(text, limit)
    assert len(end) <= limit
    assert text.endswith(end.removeprefix("…"))


def test_a_tail_begins_with_a_sentence_where_one_begins() -> None:
    assert tail(LONG, 60) == "…Nobody had seen the lantern since Tuesday. It burned."


@given(st.text(), st.integers(min_value=1, max_value=120))
def test_pages_hold_every_visible_character_in_order(text: str, limit: int) -> None:
    split = list(pages(text, limit))
    assert all(0 < len(page) <= limit for page in split)
    assert "".join("".join(split).split()) == "".join(text.split())


@given(st.lists(st.text(alphabet="abcdefg", min_size=1, max_size=20), min_size=1), st.integers(20, 60))
def test_pages_never_split_a_word_that_fits(words: list[str], limit: int) -> None:
    split = list(pages(" ".join(words), limit))
    assert [word for page in split for word in page.split()] == words


def test_pages_end_with_a_sentence_where_one_ends_late_enough() -> None:
    assert list(pages(LONG, 40)) == [
        "The rain fell. The door was open.",
        "Nobody had seen the lantern since",
        "Tuesday. It burned.",
    ]


def test_words_are_counted_between_spaces() -> None:
    assert word_count(" One, two\n three-four ") == 3


def test_a_page_does_not_end_behind_an_abbreviation() -> None:
    assert list(pages("Nobody had seen the lantern. Then came Dr. Moss, who had.", 45)) == [
        "Nobody had seen the lantern.",
        "Then came Dr. Moss, who had.",
    ]

"""What of a model's answer is a title."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storygen.sampling import SamplingOptions
from storygen.story import FinishReason, StoryRequest, Wanted
from storygen.titles import TITLE_LENGTH, answer_for, speaks_of, tidy_title

QUOTES = "\"'\u201c\u201d\u00ab\u00bb*_`"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        (" The Lake", "The Lake"),
        (' "the  Lake."\nAnd more', "The Lake"),
        ("\u201cWho Knocks?\u201d", "Who Knocks?"),
        ("Run!", "Run!"),
        ("The Lake, ", "The Lake"),
        ("**The Lake** -", "The Lake"),
        ("(The Lake)", "The Lake"),
        ("1984", ""),
        ("...", ""),
        ("", ""),
        ("\n\n", ""),
        ("été", "Été"),
        ("a" * 60, "A" + "a" * 59),
        ("a" * 61, ""),
        ("The \ufffdLake", "The Lake"),
    ],
)
def test_a_title_is_one_tidy_line(written: str, title: str) -> None:
    assert tidy_title(written) == title


@given(st.text() | st.text(alphabet="aB .,!?\"'\u201c\n*_\ufffd-"))
def test_whatever_is_written_a_title_is_short_has_a_letter_and_stays_as_it_is(written: str) -> None:
    title = tidy_title(written)
    assert title == tidy_title(title)
    assert len(title) <= TITLE_LENGTH + 2  # a small letter may become several capital ones
    assert len(title.splitlines()) <= 1
    if title:
        assert any(map(str.isalpha, title))
        assert title[0] not in QUOTES
        assert title[-1] not in QUOTES + ".,;:"


@pytest.mark.parametrize(
    ("title", "fits"),
    [
        ("The Varna Valley", True),
        ("Varna's End", True),
        ("The Ferry Valley", True),
        ("The Woman in the Sun", False),
        ("The Man Who Men", False),
        ("The Flying Flying Varna", False),
        ("", False),
    ],
)
def test_a_title_speaks_of_a_story_with_a_word_of_it_and_says_none_twice(title: str, fits: bool) -> None:
    assert speaks_of(title, "The man and the woman came to Varna, in a valley.") is fits


def test_a_title_that_the_model_did_not_end_is_none_and_a_story_is_given_as_it_is() -> None:
    story = StoryRequest(genre="horror", prompt="", options=SamplingOptions(), seed=1)
    title = StoryRequest(genre="horror", prompt="", options=SamplingOptions(), seed=1, wants=Wanted.TITLE)
    assert answer_for(story, ' "a lake', FinishReason.LENGTH) == ' "a lake'
    assert answer_for(title, ' "a lake', FinishReason.EOS) == "A lake"
    for reason in (FinishReason.LENGTH, FinishReason.DEADLINE, FinishReason.CANCELLED):
        assert answer_for(title, ' "a lake', reason) == ""

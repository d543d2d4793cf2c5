"""How long somebody will wait, in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sentences.waiting_time import in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a moment"),
        (2, "a moment"),
        (3, "about 5 seconds"),
        (9, "about 10 seconds"),
        (21, "about 20 seconds"),
        (50, "about 45 seconds"),
        (53, "about a minute"),
        (89, "about a minute"),
        (100, "about 2 minutes"),
        (290, "about 5 minutes"),
    ],
)
def test_a_waiting_time_is_said_as_people_say_it(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@given(st.floats(3, 10_000))
def test_what_is_said_is_never_half_as_much_again_off(seconds: float) -> None:
    number, unit = in_words(seconds).removeprefix("about ").split()
    said = (1 if number == "a" else int(number)) * (60 if unit.startswith("minute") else 1)
    assert 0.6 <= said / seconds <= 1.7

"""Text that goes round in circles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storygen.loops import before_circles, circle_begins, goes_in_circles
from storygen.polish import finish_at_sentence

EIGHT = "one two three four five six seven eight"
FOUR_TIMES = "In an end he sat. In an end he lay. In an end he ran. In an end he"
TEXTS = st.lists(st.sampled_from(["he runs", "she", ".", " No", "the lake froze", "aaaaaa", "ß", "İ"])).map(" ".join)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        (f"He went. {EIGHT} and {EIGHT}", f"He went. {EIGHT} and "),
        (FOUR_TIMES, "In an end he sat. In an end he lay. In an end he ran. "),
        ("Ann woke. he runs he runs he runs away", "Ann woke. he runs "),
        ("Ann woke. no no no no it can't be", "Ann woke. no "),
        ("Ann woke. The captain Apppppimist", "Ann woke. The captain A"),
        ("He runs. He runs away.", None),
        ("", None),
    ],
)
def test_a_circle_begins_where_the_text_only_repeats(text: str, begins: str | None) -> None:
    assert circle_begins(text) == (None if begins is None else len(begins))
    assert goes_in_circles(text) is (begins is not None)


def test_a_long_run_of_what_stands_before_is_a_circle_too() -> None:
    assert not goes_in_circles(f" And {EIGHT}")
    assert goes_in_circles(f" And {EIGHT}", f"So {EIGHT}.")
    assert not goes_in_circles(" one two three four five six seven and", f"So {EIGHT}.")
    assert not goes_in_circles(" And he went.", f"{EIGHT}. {EIGHT}.")  # what people typed is theirs


def test_what_stands_before_the_circles_is_kept_in_whole_sentences() -> None:
    assert before_circles("Ann woke. The dog he runs he runs he runs") == "Ann woke."
    assert before_circles(f" And {EIGHT} he.", f"So {EIGHT}.") == ""
    assert before_circles("he runs he runs he runs") == ""
    assert before_circles("Nothing is wrong here") == "Nothing is wrong here"


@given(TEXTS, TEXTS)
def test_what_is_kept_does_not_go_in_circles_and_ends_with_a_sentence(text: str, before: str) -> None:
    kept = before_circles(text, before)
    assert text.startswith(kept)
    assert not goes_in_circles(kept, before)
    if kept != text:
        assert kept == finish_at_sentence(kept) or not any(map(str.isalnum, kept))


@given(TEXTS)
def test_what_goes_in_circles_still_does_when_it_goes_on(text: str) -> None:
    if goes_in_circles(text):
        assert goes_in_circles(f"{text} and then the rest")

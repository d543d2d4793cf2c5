from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storygen.genre import Genre
from training.prepare.cleaning import clean, clean_title, has_slur, without_slurs


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("He leaves.[1][23] She stays.[citation needed]", "He leaves. She stays."),
        ("One.\r\n\r\nTwo.\r\nThree.", "One.\nTwo.\nThree."),
        ("An <EOS> in a <horror> text", "An in a text"),
        ("\u201cIt\u2019s late,\u201d he says\u2014twice\u2026", '"It\'s late," he says - twice...'),
        ("Left [sic] alone", "Left [sic] alone"),
        ("A caf\u00e9 , twice", "A caf\u00e9, twice"),
    ],
)
def test_a_text_is_cleaned(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_tokens_of_the_genres_that_are_given_are_taken_out() -> None:
    assert clean("A <western> and a <horror> film", [Genre("western", "Western")]) == "A and a <horror> film"


@given(st.text())
def test_a_title_is_one_line_without_control_tokens(title: str) -> None:
    cleaned = clean_title(f"<EOS>{title}\n<horror>")
    assert "\n" not in cleaned
    assert "<EOS>" not in cleaned
    assert "<horror>" not in cleaned
    assert clean_title(cleaned) == cleaned


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_only_the_paragraph_with_a_slur_is_left_out() -> None:
    assert without_slurs("The redskins came.\nThe raccoon slept in Japan.") == "The raccoon slept in Japan."


@pytest.mark.parametrize("word", ["raccoon", "cocoon", "Japan", "spice", "Niger", "chinking"])
def test_words_that_merely_hold_a_slur_stay(word: str) -> None:
    assert not has_slur(f"A {word} here.")

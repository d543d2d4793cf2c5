from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.prepare.cleaning import clean, has_slur, without_slurs


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


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_only_the_paragraph_with_a_slur_is_left_out() -> None:
    assert without_slurs("The redskins came.\nThe raccoon slept in Japan.") == "The raccoon slept in Japan."


@pytest.mark.parametrize("word", ["raccoon", "cocoon", "Japan", "spice", "Niger", "chinking"])
def test_words_that_merely_hold_a_slur_stay(word: str) -> None:
    assert not has_slur(f"A {word} here.")

"""Where a story ends that may finish its sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storygen.engines.sentence_finish import SentenceFinish
from storygen.polish import finish_at_sentence


def finished(before: str, pieces: list[str]) -> str | None:
    """Give the whole text as it is kept; None where it would go on."""
    finish = SentenceFinish()
    for piece in pieces:
        kept = finish.kept(before, piece)
        if kept is not None:
            return before + piece[:kept]
        before += piece
    return None


@pytest.mark.parametrize(
    ("before", "pieces", "kept"),
    [
        ("He went", [" home", ".", " She"], "He went home."),
        ("He went. She", [" slept", "!", " And"], "He went. She slept!"),
        ("He went home.", [" She"], "He went home."),
        ('"I go', [".", '"', " She"], '"I go."'),
        ('"Stop', ["!", '"', " he", " said", ".", " Ann"], '"Stop!" he said.'),
        ("He met Dr", [".", " Ann", ".", " She"], "He met Dr. Ann."),
        ("It costs 3", [".", "50", ".", " And"], "It costs 3.50."),
        ("He went", [".", "\n"], "He went."),
        ("He went", [".", " ", "She"], "He went. "),
        ("彼は", ["行", "った", "。", "彼"], "彼は行った。"),
        ("He went", [" home", " and", " slept"], None),
        ("He went.", ["", " and"], None),
        ("He went", [".", " "], None),
    ],
)
def test_a_story_ends_behind_the_first_sentence_that_has_certainly_ended(
    before: str, pieces: list[str], kept: str | None
) -> None:
    assert finished(before, pieces) == kept


@given(
    st.lists(st.sampled_from(["He ran", ".", " Dr", '"', "!", "\n", " ", "é", "。", " and", "3", " Ann"]), max_size=60),
    st.integers(0, 40),
)
def test_what_is_kept_is_a_beginning_that_ends_with_a_sentence(pieces: list[str], length: int) -> None:
    before, after = "".join(pieces[:length]), pieces[length:]
    kept = finished(before, after)
    if kept is not None:
        assert "".join(pieces).startswith(kept)
        assert kept.startswith(before)
        assert kept.rstrip() == finish_at_sentence(kept) or not any(map(str.isalnum, kept))

"""Polishing a story for showing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storygen.polish import drop_footnote_marks, finish_at_sentence, polish, sentence_ends, tidy_spaces

PARTS = (
    [
        "The",
        "old",
        "Dr.",
        "J.",
        "said",
        '"Stop!"',
        "no.",
        "No.",
        "...",
        "“Oh.”",
        "a.m.",
        "3.5",
        "é",
        "昨日",
        "。",
        "؟",
        "।",
    ],
    [
        "[1]",
        "[note 2]",
        "[citation  needed]",
        "[[1]1]",
        "[",
        "]",
        " ",
        "  ",
        "\n",
        "\n\n\n",
        "\t",
        "x\n.",
        ",",
        ".",
        "?",
    ],
)
prose = st.lists(st.sampled_from([*PARTS[0], *PARTS[1]]), max_size=25).map(" ".join)
texts = st.one_of(prose, st.text(max_size=60), prose.map(lambda text: text.replace(" ", "")))


@pytest.mark.parametrize(
    ("written", "finished"),
    [
        ("He ran. She hid. Then the", "He ran. She hid."),
        ('"Run!" She cried. "I ca', '"Run!" She cried.'),
        ('She said, "It is over." He', 'She said, "It is over."'),
        ("He met Dr. Smith and", "He met Dr. Smith and"),
        ("It ended. He met Dr. Smith and", "It ended."),
        ("It ended. J. R. Ewing and", "It ended."),
        ('One. "Stop!" he said and', "One."),
        ("It cost 3.5 million and", "It cost 3.5 million and"),
        ("Done. It went on...", "Done. It went on..."),
        ("... and so", "... and so"),
        ("彼は走った。彼女は隠れた。そして", "彼は走った。彼女は隠れた。"),
        ("هل رحل؟ ثم عاد", "هل رحل؟"),
        ("वह गया। फिर", "वह गया।"),
        (" no end at all  ", " no end at all"),
        ("So did I. And then", "So did I."),
        ("", ""),
    ],
)
def test_a_story_ends_with_its_last_whole_sentence(written: str, finished: str) -> None:
    assert finish_at_sentence(written) == finished


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("He died.[1] She[note 2] left.[citation needed]", "He died. She left."),
        ("a [sic] b", "a [sic] b"),
        ("in [1984]", "in [1984]"),
    ],
)
def test_footnote_marks_go_and_other_brackets_stay(written: str, shown: str) -> None:
    assert drop_footnote_marks(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a  b \n c", "a b\nc"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("He ran , she hid .", "He ran, she hid."),
        ("  begins", " begins"),
        ("costs .5 pounds", "costs .5 pounds"),
    ],
)
def test_spaces_are_mended(written: str, shown: str) -> None:
    assert tidy_spaces(written) == shown


def test_bytes_that_make_no_character_are_not_shown() -> None:
    assert polish(" Ev\ufffd slept.\ufffd") == " Ev slept."


@given(texts)
def test_a_finished_text_is_the_beginning_of_what_was_written(text: str) -> None:
    assert text.startswith(finish_at_sentence(text))


@given(texts)
def test_polishing_only_leaves_out(text: str) -> None:
    left = iter(text)
    assert all(any(kept == letter or (kept == " " and letter.isspace()) for letter in left) for kept in polish(text))


@pytest.mark.parametrize("change", [finish_at_sentence, drop_footnote_marks, tidy_spaces, polish])
@given(text=texts)
def test_doing_it_twice_changes_nothing_more(change: object, text: str) -> None:
    assert callable(change)
    assert change(change(text)) == change(text)


@given(texts)
def test_words_never_vanish_altogether(text: str) -> None:
    has_word = any(letter.isalnum() for letter in drop_footnote_marks(text))
    assert any(letter.isalnum() for letter in polish(text)) == has_word


@given(texts)
def test_sentence_ends_lie_behind_an_end_mark_and_in_order(text: str) -> None:
    ends = list(sentence_ends(text))
    assert ends == sorted(set(ends))
    assert all(0 < end <= len(text) and not text[end - 1].isspace() for end in ends)

# ruff: noqa: RUF001 - look-alike letters are what it is about
"""The filter: what it reads, what it finds, and that it does so however a text is cut."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.moderation import SERVER_WORD_LENGTH, Kind, Level, SafeText, checked_word, default_filter
from bot.moderation.filtering import _built_in
from bot.moderation.folding import Folded, fold
from bot.moderation.kinds import KINDS_OF, stricter
from bot.moderation.patterns import REACH, compiled
from bot.moderation.stream import HELD_WORDS
from bot.storytelling.openings import openings
from storygen.genre import ORIGINAL_GENRES
from tests.moderation_report.rates import cases, human_stories, rates

EVERYONE = default_filter(Level.EVERYONE)
FOUND = (Kind.SERVER, Kind.MINORS)
BITS = st.sampled_from(
    [
        *("fuck", "f u c", "k", " ", "s e x", "sex", "tant", ".", "ff", "u", "UU", "с", "\u200b", "\n", "kill all "),
        *("the jews", "he ", "had ", "had sex", "child", "naked ", "a ", "\u2026", "class ", "Phuket", "*", "$", "!"),
        *("é", "e\u0301", "猫", "🇫", "0"),
    ]
)
TEXTS = st.lists(BITS, max_size=30).map("".join)
WHATEVER = st.one_of(TEXTS, st.text(max_size=60))


# Rates


def test_the_rates_do_not_fall() -> None:
    measured = rates(cases())
    assert measured.precision >= 0.995
    assert measured.disguised >= 0.98
    least = {
        Kind.MINORS: 0.93,
        Kind.SEXUAL: 0.93,
        Kind.SLUR: 0.98,
        Kind.HATE: 0.92,
        Kind.SELF_HARM: 0.93,
        Kind.SWEARING: 0.99,
        Kind.MATURE: 1.0,
    }
    assert {kind: recall for kind, recall in measured.recall.items() if recall < least[kind]} == {}
    assert len(cases()) >= 600
    assert len({case.text for case in cases()}) == len(cases())


def test_of_the_stories_that_people_wrote_nine_in_ten_are_fit_for_everyone() -> None:
    stories = human_stories()
    if not stories:
        pytest.skip("STORYBOT_TEST_DATA does not name the folder with the stories")
    flagged = sum(EVERYONE.finds(story) is not None for story in stories)
    assert 0.05 <= flagged / len(stories) <= 0.11


@pytest.mark.parametrize("genre", [genre.name for genre in ORIGINAL_GENRES])
def test_the_bots_own_openings_pass_even_the_strictest(genre: str) -> None:
    assert [opening for opening in openings(genre) if default_filter(Level.STRICT).finds(opening)] == []


# Reading


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("A Lake.", "a lake"),
        ("ѕех", "SEX"),
        ("ｆｕｃｋ", "FUCK"),
        ("𝔣𝔲𝔠𝔨", "FUCK"),
        ("🇫🇺", "FU"),
        ("naïve", "naIve"),
        ("fu\u200bck", "fuCk"),
        ("shhhhh", "shh"),
        ("2000", "2000"),
        ("f.u-c_k", "f.u.c.k"),
        ("f*ck @ss", "f*ck @ss"),
        ("One.  Two", "one;two"),
        ("the pen—is it", "the pen is it"),
        ("so... then", "so;then"),
        ("so...then", "so then"),
        ("", ""),
    ],
)
def test_disguises_are_taken_off(text: str, folded: str) -> None:
    assert fold(text).rstrip(";. ") == folded


@given(WHATEVER, st.lists(st.integers(0, 80), max_size=6))
def test_a_text_is_read_the_same_however_it_is_cut(text: str, places: list[int]) -> None:
    folded = Folded()
    for piece in _pieces(text, places):
        folded.add(piece)
    folded.end()
    assert folded.text == fold(text)


def test_no_pattern_reaches_further_than_is_looked_back() -> None:
    from re import _parser  # type: ignore[attr-defined]  # the only way to ask how long a match can be

    longest = checked_word(f"*{'abcdefghij' * 5}"[: SERVER_WORD_LENGTH - 1] + "*")
    assert longest is not None
    for pattern in (compiled([longest]), *(pattern for _, pattern in _built_in())):
        assert _parser.parse(pattern.pattern).getwidth()[1] <= REACH


# Finding


def test_a_phrase_that_begins_in_what_stands_above_is_found_and_a_word_that_is_all_above_is_not() -> None:
    assert EVERYONE.finds(" the jews now.", "He says that they kill all") is Kind.HATE
    assert EVERYONE.finds("It was late.", "What the fuck.") is None
    assert EVERYONE.finds("thorpe is a town.", "Scun") is None


@pytest.mark.parametrize(("one", "next_one"), list(pairwise(Level)))
def test_a_stricter_level_lets_through_nothing_more(one: Level, next_one: Level) -> None:
    assert KINDS_OF[one] < KINDS_OF[next_one]
    assert stricter(one, next_one) is stricter(next_one, one) is next_one


def test_whoever_turns_the_filter_off_still_gets_nothing_sexual_about_minors() -> None:
    off = default_filter(Level.OFF)
    assert off.finds("fuck") is None
    assert off.finds("a naked schoolgirl") is Kind.MINORS


# Words of one's own


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Moist", "moist"),
        ("  two   Words ", "two words"),
        ("spoil*", "spoil*"),
        ("*gate", "*gate"),
        ("half-price", "half price"),
        ("дом", "дом"),
        ("猫の", "猫の"),
    ],
)
def test_a_word_of_ones_own_is_kept_on_one_line_in_lower_case(typed: str, kept: str) -> None:
    assert checked_word(typed) == kept
    compiled([kept])


UNUSABLE = ["", " ", "*", "a*", "*b*", "x", "(a|b)", ".*", "a+", "[a-z]", "a" * 51, "a b*", "...", "w?rd", "88", "¼"]


@pytest.mark.parametrize("typed", UNUSABLE)
def test_what_is_no_word_is_not_kept(typed: str) -> None:
    assert checked_word(typed) is None


@given(st.text(max_size=60))
def test_whatever_is_kept_can_be_looked_for_and_is_found(typed: str) -> None:
    word = checked_word(typed)
    if word is not None:
        assert default_filter(Level.OFF, (word,)).finds(f"Here is {word.replace('*', '')} now.") in FOUND


def test_a_word_of_ones_own_is_a_whole_word_unless_a_star_says_otherwise() -> None:
    own = default_filter(Level.EVERYONE, ("moist", "spoil*", "*gate", "red dragon"))
    assert own.finds("a m o i s t cake") is Kind.SERVER
    assert own.finds("moisture") is None
    assert own.finds("He spoiled it.") is Kind.SERVER
    assert own.finds("Watergate") is Kind.SERVER
    assert own.finds("the gateway") is None
    assert own.finds("The RED  DRAG0N wakes.") is Kind.SERVER


# While it is written


@given(TEXTS, TEXTS, st.lists(st.integers(0, 200), max_size=12))
@example("the jews", "kill all ", [3])
@example("sextant", "", [3])
@example("had sex", "", [5])
def test_a_text_in_pieces_is_judged_as_the_whole_and_what_is_shown_is_always_fit(
    text: str, before: str, places: list[int]
) -> None:
    safe, read = SafeText(EVERYONE, before), ""
    for piece in _pieces(text, places):
        shown_before, read = safe.shown, read + piece
        shown = safe.grow(read)
        assert shown.startswith(shown_before)
        assert read.startswith(shown)
        assert EVERYONE.finds(shown, before) is None
        assert text[len(shown) :][:1] in ("", *_spaces(text)) or not shown  # it ends with a whole word
    finished = safe.finish(text)
    assert (safe.found is None) == (EVERYONE.finds(text, before) is None)
    assert (finished == text) == (safe.found is None) or not text


def test_a_word_that_is_cut_in_pieces_is_never_shown_in_part() -> None:
    safe, shown = SafeText(EVERYONE), set()
    text = "The door opened and the old man said fuck off to him and went away."
    for end in range(len(text) + 1):
        shown.add(safe.grow(text[:end]))
    assert safe.found is Kind.SWEARING
    assert max(shown, key=len) == "The door opened and the old"


def test_no_more_than_a_few_words_are_held_back() -> None:
    safe = SafeText(EVERYONE)
    assert safe.grow("one two three four five six") == "one two three"
    assert len(["four", "five", "six"]) == HELD_WORDS
    assert safe.finish("one two three four five six") == "one two three four five six"


def _pieces(text: str, places: list[int]) -> list[str]:
    cuts = [0, *sorted(place for place in places if place < len(text)), len(text)]
    return [text[start:end] for start, end in pairwise(cuts)]


def _spaces(text: str) -> list[str]:
    return re.findall(r"\s", text)


def test_after_the_end_all_of_a_text_is_shown_whoever_looks_again() -> None:
    safe = SafeText(EVERYONE)
    text = "The old bat came home at last and slept."
    assert safe.grow(text) == "The old bat came home at"
    assert safe.finish(text) == text
    assert safe.grow(text) == text

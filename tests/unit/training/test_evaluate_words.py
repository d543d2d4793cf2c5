"""Measures on words: running words, loops, invented words, variety, endings."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storygen.polish import polish
from training.evaluate.diversity import distinct, self_bleu
from training.evaluate.endings import ends_whole, measure_endings, spread
from training.evaluate.generated import ToldStory
from training.evaluate.invented import measure_invented
from training.evaluate.loops import is_loop, repeated_share
from training.evaluate.matched import cut_to_lengths, matched
from training.evaluate.running_words import first_words, runs, words_of

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=40).map(" ".join)


def told(text: str, finish_reason: str = "eos") -> ToldStory:
    return ToldStory(
        genre="drama",
        prompt="",
        seed=1,
        text=text,
        shown=polish(text).strip(),
        finish_reason=finish_reason,
        new_tokens=len(text),
    )


def test_words_are_without_marks_and_case() -> None:
    assert words_of("Don't, said the well-known Dr. O\u2019Neil!") == [
        "don't",
        "said",
        "the",
        "well",
        "known",
        "dr",
        "o\u2019neil",
    ]
    assert list(runs(["a", "b", "c"], 2)) == [("a", "b"), ("b", "c")]
    assert list(runs(["a"], 2)) == []


@given(st.text(), st.integers(0, 12))
def test_a_cut_text_begins_as_the_text_and_has_the_words_wanted(text: str, count: int) -> None:
    cut = first_words(text, count)
    assert text.startswith(cut)
    assert words_of(cut) == words_of(text)[:count]


def test_matched_stories_are_as_many_and_as_long_as_the_generated_ones() -> None:
    human = [" ".join([letter] * 30) for letter in "abcdef"]
    cut = matched(human, ["one two", "one", "one two three"], seed=1)
    assert [len(words_of(text)) for text in cut] == [2, 1, 3]
    assert len({text[0] for text in cut}) == 3
    assert cut == matched(human, ["one two", "one", "one two three"], seed=1)
    assert len(matched(human[:2], ["one two"] * 9, seed=1)) == 2
    assert [len(words_of(text)) for text in cut_to_lengths(human, ["one two", "", "one"])] == [2, 1] * 3
    assert cut_to_lengths(human, []) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one two three four five six seven eight and one two three four five six seven eight", True),
        ("one two three four five six seven and one two three four five six seven", False),
        ("the end of the day. the end of the night. the end of the road. the end of the war.", True),
        ("the end of the day. the end of the night. the end of the road.", False),
        ("he runs he runs he runs away", True),
        ("he runs he runs away", False),
        ("no no no it can't be", False),
        ("no no no no it can't be", True),
        ("the captain Apppppimist", True),
        ("the captain appears", False),
        ("", False),
    ],
)
def test_a_loop_is_what_a_person_seldom_writes(text: str, expected: bool) -> None:
    assert is_loop(text) is expected


def test_repeated_runs_are_counted_from_their_second_time_on() -> None:
    assert repeated_share("a b c d a b c d") == pytest.approx(1 - 4 / 5)
    assert repeated_share("a b c") == 0


@given(TEXTS)
def test_what_loops_still_loops_when_it_goes_on(text: str) -> None:
    if is_loop(text):
        assert is_loop(text + " and then the rest")


def test_distinct_is_the_share_of_different_runs() -> None:
    assert distinct(["a b a b", "a b"], 1) == pytest.approx(2 / 6)
    assert distinct(["a b a b", "a b"], 2) == pytest.approx(2 / 4)
    assert distinct(["a"], 2) == 0


@given(st.lists(TEXTS, max_size=6), st.integers(1, 3))
def test_distinct_falls_when_everything_is_told_twice(texts: list[str], length: int) -> None:
    assert distinct(texts * 2, length) == pytest.approx(distinct(texts, length) / 2)


def test_self_bleu_of_equal_stories_is_one_and_of_one_story_nothing() -> None:
    assert self_bleu(["a b c d e"] * 3) == pytest.approx(1)
    assert self_bleu(["a b c d e"]) == 0


def test_self_bleu_of_a_small_case_is_what_the_formula_gives() -> None:
    # "a a b" against "a b": words 2 of 3 (one "a" only), pairs 1 of 2. "a b" against "a a b": all, one word shorter.
    first, second = math.sqrt(2 / 3 * 1 / 2), math.exp(1 - 3 / 2)
    assert self_bleu(["a a b", "a b"], longest=2) == pytest.approx((first + second) / 2)


def test_self_bleu_without_anything_in_common_is_the_smoothing_alone() -> None:
    assert self_bleu(["a b", "c d"], longest=2) == pytest.approx(math.sqrt(0.1 / 2 * 0.1 / 1))


@given(st.lists(TEXTS, min_size=2, max_size=6))
def test_self_bleu_lies_between_none_and_one_whatever_the_order(texts: list[str]) -> None:
    score = self_bleu(texts)
    assert 0 <= score <= 1 + 1e-9
    assert self_bleu(texts[::-1]) == pytest.approx(score)


def test_a_word_is_invented_where_no_human_text_has_it() -> None:
    human = ["The captain's ship won't sail.", "Grey ORCHARDS."]
    told = ["the ship\u2019s glorp can't sail to the orchards of Zyx 3rd"]
    figures = measure_invented({"generated": told, "none": []}, human)["groups"]
    assert list(figures) == ["generated"]
    assert figures["generated"]["commonest"] == ["can't", "glorp", "of", "to"]
    assert figures["generated"]["words"] == 9
    assert figures["generated"]["invented"] == pytest.approx(4 / 9, abs=1e-5)
    assert figures["generated"]["capitalised_words"] == 1
    assert figures["generated"]["new_names"] == 1
    assert figures["generated"]["stories_with_one"] == 1


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_human_texts_invent_nothing_against_themselves(texts: list[str]) -> None:
    assert measure_invented({"same": texts}, iter(texts))["groups"]["same"]["invented"] == 0


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("It ends.", True),
        ('"It ends." ', True),
        ("It ends. And th", False),
        ("It ends with Dr.", False),
        ("", False),
        ("\n", False),
    ],
)
def test_a_text_ends_whole_with_a_sentence(text: str, whole: bool) -> None:
    assert ends_whole(text) is whole


def test_endings_are_told_as_written_and_as_shown() -> None:
    figures = measure_endings([told("It ends."), told("It ends. And th", "length"), told("never", "length"), told("")])
    assert figures["ended_by_model"] == 0.5
    assert figures["whole_sentence_as_written"] == 0.25
    assert figures["whole_sentence_as_shown"] == 0.5
    assert figures["nothing_to_show"] == 0.25
    assert figures["words_as_written"]["p50"] == 1.5
    assert figures["words_as_shown"]["p50"] == 1.5


def test_a_spread_is_five_percentiles() -> None:
    assert spread(list(range(101))) == {"p5": 5, "p25": 25, "p50": 50, "p75": 75, "p95": 95}

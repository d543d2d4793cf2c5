"""What stories took word for word from the training texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluate.copying import RUN, SHORTEST, RunIndex, measure_copying
from training.evaluate.running_words import runs, words_of

TRAINING = ["One two three four five six seven eight, nine ten!", "alpha beta gamma delta"]
SMALL_TEXTS = st.lists(st.lists(st.sampled_from("abc"), max_size=14).map(" ".join), max_size=4)


def longest_run_slowly(story: str, training: list[str]) -> int:
    words = words_of(story)
    for length in range(len(words), SHORTEST - 1, -1):
        seen = {run for text in training for run in runs(words_of(text), length)}
        if seen & set(runs(words, length)):
            return length
    return 0


def share_slowly(story: str, training: list[str], length: int) -> float:
    seen = {run for text in training for run in runs(words_of(text), length)}
    mine = list(runs(words_of(story), length))
    return sum(run in seen for run in mine) / len(mine) if mine else 0.0


def read(stories: list[str], training: list[str]) -> RunIndex:
    index = RunIndex(stories)
    for text in training:
        index.read(text)
    return index


def test_a_copied_run_is_found_whatever_its_case_and_marks() -> None:
    index = read(["so: TWO three, four five six seven eight nine - and gone"], TRAINING)
    assert index.longest() == [8]
    assert index.shares() == [pytest.approx(1 / 4)]  # 11 words have four runs of eight


def test_a_run_does_not_go_on_from_one_training_text_into_the_next() -> None:
    assert read(["eight nine ten alpha beta gamma"], TRAINING).longest() == [0]
    assert read(["nine ten alpha beta gamma delta"], TRAINING).longest() == [4]


def test_a_run_of_pieces_from_different_places_is_not_one_run() -> None:
    assert read(["one two three four gamma six seven eight nine"], TRAINING).longest() == [4]


def test_a_whole_story_from_the_training_texts_is_copied_whole() -> None:
    story = " ".join(str(number) for number in range(300))
    index = read([story, "something else"], ["a preface", story])
    assert index.longest() == [300, 0]
    assert index.shares() == [1, 0]


@given(SMALL_TEXTS, SMALL_TEXTS)
def test_it_finds_what_a_slow_search_finds(stories: list[str], training: list[str]) -> None:
    index = read(stories, training)
    assert index.longest() == [longest_run_slowly(story, training) for story in stories]
    assert index.shares(5) == pytest.approx([share_slowly(story, training, 5) for story in stories])


def test_groups_are_measured_side_by_side() -> None:
    copied, own = "one two three four five six seven eight nine", "a tale of its own that nobody has told before"
    groups = measure_copying({"generated": [copied, own], "human": [own], "empty": []}, iter(TRAINING), seed=1)[
        "groups"
    ]
    assert list(groups) == ["generated", "human"]
    assert groups["generated"]["longest_runs"] == [9, 0]
    assert groups["generated"]["longest_run_max"] == 9
    assert groups["generated"]["longest_run_median"] == 4.5
    assert groups["generated"]["runs_found_mean"] == 0.5
    assert groups["generated"]["with_a_run"] == 0.5
    assert groups["generated"]["interval"][0] < 0.5 < groups["generated"]["interval"][1]
    assert groups["generated"]["taken"] == 1
    assert groups["human"]["runs_found_max"] == 0
    assert RUN == 8

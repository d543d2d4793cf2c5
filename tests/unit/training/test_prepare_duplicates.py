from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.prepare.duplicates import SeenTexts
from training.prepare.kept_out import KeptOut
from training.prepare.shingles import fingerprint, opening, run_hashes


def words(seed: int, count: int) -> str:
    draw = random.Random(seed)  # noqa: S311  # not for secrets
    return " ".join("".join(draw.choices("abcdefghij", k=5)) for _ in range(count))


def seen(*texts: str) -> SeenTexts:
    remembered = SeenTexts()
    for text in texts:
        remembered.add(fingerprint(text))
    return remembered


def test_the_opening_ignores_case_spaces_and_bracketed_text() -> None:
    assert opening("The  End[12] of, it!") == "theendofit"
    assert seen("The end [5] of it all").has(fingerprint("THE END of it all"))


def test_runs_of_words_have_the_same_hashes_everywhere() -> None:
    hashes = run_hashes("One two three, four five six seven eight nine.")
    assert hashes.tolist() == [1088928766926437109, 2432939922910411130]


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=8, max_size=8), st.randoms(use_true_random=False))
def test_the_same_words_in_another_order_are_another_run(run: list[str], draw: random.Random) -> None:
    other = list(run)
    draw.shuffle(other)
    assert (run_hashes(" ".join(run)).tolist() == run_hashes(" ".join(other)).tolist()) == (run == other)


@given(st.text())
def test_a_text_that_was_added_is_seen(text: str) -> None:
    assert seen(text).has(fingerprint(text))


def test_a_short_plot_inside_a_longer_one_is_a_repeat() -> None:
    short = words(1, 80)
    assert seen(words(2, 300) + " " + short + " " + words(3, 300)).has(fingerprint("It begins so. " + short))


def test_other_texts_are_not_seen() -> None:
    remembered = seen(*(words(seed, 200) for seed in range(200)))
    assert not any(remembered.has(fingerprint(words(seed, 200))) for seed in range(200, 400))


def test_the_memory_stays_the_same_however_many_texts_are_added() -> None:
    few, many = seen(words(1, 100)), seen(*(words(seed, 100) for seed in range(100)))
    assert few._filter.nbytes == many._filter.nbytes == 2**24
    assert few.false_share() < many.false_share() < 1e-6


def test_it_is_known_when_the_filter_is_too_full_to_tell() -> None:
    small = SeenTexts(bits=2**10)
    for seed in range(100):
        small.add(fingerprint(words(seed, 100)))
    assert small.false_share() > 0.5


STORIES = [words(seed, 60 + 10 * seed) for seed in range(20)]
KEPT_OUT = KeptOut(STORIES)


@pytest.mark.parametrize(
    "row",
    [
        STORIES[3],
        STORIES[3][:150].upper() + " " + words(50, 300),
        "It begins anew. " + STORIES[3],
        words(51, 3_000) + " " + STORIES[3] + " " + words(52, 3_000),
        "It begins anew. " + STORIES[15][: len(STORIES[15]) // 2] + " " + words(53, 1_000),
        " ".join(" ".join(story.split()[30:43]) for story in STORIES),
    ],
    ids=["equal", "same opening", "resembles", "contains", "contains half", "made of several"],
)
def test_a_row_with_a_test_story_in_it_is_found(row: str) -> None:
    assert KeptOut(STORIES).has(fingerprint(row))


def test_a_row_without_one_is_not() -> None:
    kept_out = KeptOut(STORIES)
    assert not any(kept_out.has(fingerprint(words(seed, 300))) for seed in range(100, 200))
    assert not KeptOut().has(fingerprint("anything"))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 19), st.integers(0, 400), st.integers(0, 400), st.integers(60, 200))
def test_wherever_it_stands_in_a_row_a_test_story_is_found(story: int, before: int, after: int, seed: int) -> None:
    row = f"{words(seed, before)} {STORIES[story]} {words(seed + 1000, after)}"
    assert KEPT_OUT.has(fingerprint(row))

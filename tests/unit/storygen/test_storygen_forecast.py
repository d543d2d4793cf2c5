"""How long those who wait will wait: the arithmetic."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storygen.engines.forecast import Ask, Desk, expected_waits
from storygen.engines.pace import Pace
from storygen.engines.story_lengths import OPENING, SPAN, StoryLengths

NEVER = math.inf
ASKS = st.builds(Ask, st.integers(30, 800), st.just(NEVER))


def desk(*running: Ask, rows: int, step: float = 0.01, begin: float = 0.0) -> Desk:
    return Desk(rows=rows, step_seconds=step, begin_seconds=begin, running=running)


def lengths_of(*lengths: int) -> StoryLengths:
    lengths_seen = StoryLengths()
    for length in lengths:
        lengths_seen.observe(length, ended=True)
    return lengths_seen


def test_who_comes_to_a_free_row_does_not_wait() -> None:
    waits = expected_waits([desk(rows=2)], [Ask(100, NEVER)] * 2, StoryLengths())
    assert waits == [0.0, 0.0]


def test_stories_that_only_end_at_their_limit_end_when_it_is_reached() -> None:
    running = [Ask(200, NEVER, written=150), Ask(200, NEVER, written=100)]
    waits = expected_waits([desk(*running, rows=2)], [Ask(100, NEVER)] * 4, StoryLengths())
    assert waits == pytest.approx([0.5, 1.0, 1.5, 2.0])


def test_reading_prompts_slows_down_whoever_is_written_meanwhile() -> None:
    running = [Ask(100, NEVER)] * 4
    waits = expected_waits([desk(*running, rows=4, begin=0.05)], [Ask(100, NEVER)], StoryLengths())
    # 100 steps of 10 ms, and in the time of one story four prompts are read.
    assert waits == pytest.approx([1.0 + 4 * 0.05])


def test_a_story_does_not_run_beyond_its_deadline() -> None:
    waits = expected_waits([desk(Ask(800, 1.5), rows=1)], [Ask(100, NEVER)], StoryLengths())
    assert waits == pytest.approx([1.5])


def test_who_will_have_left_before_the_turn_comes_holds_up_nobody() -> None:
    patient, impatient = Ask(100, NEVER), Ask(100, 0.5)
    waits = expected_waits([desk(Ask(100, NEVER), rows=1)], [impatient, patient], StoryLengths())
    assert waits == pytest.approx([1.0, 1.0])


def test_where_nobody_writes_nobody_can_say() -> None:
    with pytest.raises(ValueError, match="nobody writes"):
        expected_waits([], [Ask(100, NEVER)], StoryLengths())


@given(
    running=st.lists(st.integers(0, 200), max_size=8),
    rows=st.integers(1, 8),
    waiting=st.lists(ASKS, max_size=30),
    ends=st.lists(st.integers(0, 800), max_size=10),
)
def test_who_is_served_later_waits_no_less_and_nobody_waits_longer_than_all_limits_together(
    running: list[int], rows: int, waiting: list[Ask], ends: list[int]
) -> None:
    asks = [Ask(200, NEVER, written) for written in running[:rows]]
    waits = expected_waits([desk(*asks, rows=rows)], waiting, lengths_of(*ends))
    assert len(waits) == len(waiting)
    assert waits == sorted(waits)
    longest = sum(200 - ask.written for ask in asks) + sum(ask.limit for ask in waiting)
    assert all(0 <= wait <= longest * 0.01 + 1e-9 for wait in waits)


@given(waiting=st.lists(ASKS, min_size=1, max_size=30), factor=st.floats(0.1, 10))
def test_a_pace_that_is_twice_as_slow_makes_everyone_wait_twice_as_long(waiting: list[Ask], factor: float) -> None:
    running = [Ask(200, NEVER, 10), Ask(300, NEVER, 0)]
    usual = expected_waits([desk(*running, rows=2)], waiting, lengths_of(120, 40))
    slower = expected_waits([desk(*running, rows=2, step=0.01 * factor)], waiting, lengths_of(120, 40))
    assert slower == pytest.approx([wait * factor for wait in usual])


@given(waiting=st.lists(ASKS, min_size=1, max_size=30))
def test_a_second_worker_makes_nobody_wait_longer(waiting: list[Ask]) -> None:
    one = desk(Ask(200, NEVER), Ask(200, NEVER), rows=2)
    alone = expected_waits([one], waiting, StoryLengths())
    together = expected_waits([one, one], waiting, StoryLengths())
    assert all(theirs <= own + 1e-9 for theirs, own in zip(together, alone, strict=True))


@pytest.mark.parametrize("rows", [1, 4, 8])
@pytest.mark.parametrize("mean", [40, 150])
def test_the_forecast_is_right_on_average_where_stories_end_by_chance(rows: int, mean: int) -> None:
    """Against a plain simulation of the same queue, 200 times, with lengths of which the forecast saw others."""
    random = Random(rows * mean)  # noqa: S311 - a repeatable test

    def length() -> int:
        return min(int(random.expovariate(1 / mean)) + 1, 400)

    lengths = StoryLengths()
    for _ in range(300):
        drawn = length()
        lengths.observe(drawn, ended=drawn < 400)
    said = expected_waits([desk(*[Ask(400, NEVER)] * rows, rows=rows)], [Ask(400, NEVER)] * 24, lengths)
    met = [0.0] * 24
    for _ in range(200):
        free = sorted(length() * 0.01 for _ in range(rows))
        for place in range(24):
            met[place] += free[0] / 200
            free = sorted([free[0] + length() * 0.01, *free[1:]])
    for place in (0, 3, 11, 23):
        assert said[place] == pytest.approx(met[place], rel=0.3)


@given(
    seen=st.lists(st.tuples(st.integers(0, 1200), st.booleans()), max_size=30),
    written=st.integers(0, 799),
    more=st.integers(1, 800),
    lucks=st.tuples(st.floats(0, 0.999), st.floats(0, 0.999)),
)
def test_a_length_lies_between_what_is_written_and_the_limit_and_grows_with_luck(
    seen: list[tuple[int, bool]], written: int, more: int, lucks: tuple[float, float]
) -> None:
    lengths = StoryLengths()
    for tokens, ended in seen:
        lengths.observe(tokens, ended=ended)
    short, long = (
        lengths.length(written=written, limit=written + more, luck=luck) for luck in (min(lucks), max(lucks))
    )
    assert written <= short <= long <= written + more


def test_lengths_come_back_as_they_were_seen() -> None:
    random = Random(3)  # noqa: S311 - a repeatable test
    lengths = StoryLengths()
    for _ in range(400):
        lengths.observe(random.randint(100, 200), ended=True)
    drawn = [lengths.length(written=0, limit=800, luck=(number + 0.5) / 100) for number in range(100)]
    assert sum(drawn) / 100 == pytest.approx(150, rel=0.15)
    assert lengths.length(written=0, limit=120, luck=0.9) == 120


def test_before_any_story_has_ended_the_usual_length_is_assumed_and_soon_forgotten() -> None:
    lengths = StoryLengths(assume_usual=True)
    middle = [lengths.length(written=0, limit=800, luck=(number + 0.5) / 100) for number in range(100)]
    assert sum(middle) / 100 == pytest.approx(218, rel=0.1)
    assert min(middle) >= OPENING * SPAN
    assert lengths.length(written=300, limit=800, luck=0.5) > 350
    for _ in range(16):
        lengths.observe(60, ended=False)
    assert lengths.whole(limit=60, luck=0.5) == 60
    short = StoryLengths(assume_usual=True)
    for _ in range(16):
        short.observe(20, ended=True)
    assert short.whole(limit=800, luck=0.5) < 40


def test_stories_that_were_cut_off_do_not_count_as_short_ones() -> None:
    lengths = StoryLengths()
    for _ in range(50):
        lengths.observe(30, ended=False)
        lengths.observe(300, ended=True)
    assert lengths.length(written=0, limit=800, luck=0.2) > 200


def test_the_pace_of_a_step_is_learned_by_its_rows() -> None:
    assert not Pace().known
    pace = Pace()
    for rows in [1] * 50 + [2, 4, 6] * 20:
        pace.stepped(rows, 0.010 + 0.002 * rows)
    assert pace.known
    assert pace.step_seconds(8) == pytest.approx(0.026, rel=0.2)
    assert pace.step_seconds(1) == pytest.approx(0.012, rel=0.15)


@given(st.lists(st.tuples(st.integers(1, 32), st.floats(1e-4, 1.0)), min_size=1, max_size=60), st.integers(1, 32))
def test_a_pace_is_never_negative_and_more_rows_are_never_faster(steps: list[tuple[int, float]], rows: int) -> None:
    pace = Pace()
    for stepped, seconds in steps:
        pace.stepped(stepped, seconds)
    assert 0 <= pace.step_seconds(rows) <= pace.step_seconds(rows + 1)


def test_a_machine_that_becomes_slower_is_noticed_within_seconds() -> None:
    pace = Pace()
    for _ in range(10_000):
        pace.stepped(8, 0.01)
    for _ in range(400):  # 20 seconds
        pace.stepped(8, 0.05)
    assert pace.step_seconds(8) == pytest.approx(0.05, rel=0.25)


def test_the_time_to_read_a_prompt_is_that_of_the_last_ones() -> None:
    pace = Pace()
    for seconds in [1.0] * 5 + [0.02] * 60:
        pace.began(seconds)
    assert pace.begin_seconds == pytest.approx(0.02, rel=0.1)

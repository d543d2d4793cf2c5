"""Everyone who waits knows their place, and it costs the event loop little."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from storygen.engines import place_teller
from storygen.engines.place_teller import PORTION, News, PlaceTeller
from storygen.engines.submission import Submission
from storygen.generation import Event, Generation, Moved
from storygen.sampling import SamplingOptions
from storygen.story import StoryRequest

REQUEST = StoryRequest(genre="horror", prompt="", options=SamplingOptions(), seed=1)


class CountedGeneration(Generation):
    """Counts what it is told."""

    told = 0

    def receive(self, event: Event) -> None:
        self.told += 1
        super().receive(event)


def waiting(count: int) -> list[Submission]:
    submissions = []
    for _ in range(count):
        submission = Submission(REQUEST)
        submission.generation = CountedGeneration(REQUEST, count, cancel=lambda: None)
        submissions.append(submission)
    return submissions


def times_told(submissions: list[Submission]) -> list[int]:
    return [submission.generation.told for submission in submissions if hasattr(submission.generation, "told")]


class Line:
    """A line that counts how often it is looked at."""

    def __init__(self, submissions: list[Submission], seconds: Callable[[int], float | None]) -> None:
        self.submissions = submissions
        self.seconds = seconds
        self.looks = 0

    def look(self) -> list[News]:
        self.looks += 1
        return [(each, place, self.seconds(place)) for place, each in enumerate(self.submissions, start=1)]


async def until_told(line: Line) -> None:
    looks = line.looks
    async with asyncio.timeout(10):
        while line.looks == looks:  # noqa: ASYNC110 - the next look has no event of its own
            await asyncio.sleep(0.001)
    for _ in range(len(line.submissions) // PORTION + 1):
        await asyncio.sleep(0)


async def test_everyone_is_told_their_place_and_time() -> None:
    line = Line(waiting(3), lambda place: place * 10.0)
    teller = PlaceTeller(asyncio.get_running_loop(), line.look)
    teller.ask()
    await until_told(line)
    teller.stop()
    assert [each.generation.position for each in line.submissions] == [1, 2, 3]
    assert [each.generation.waiting_seconds for each in line.submissions] == pytest.approx([10, 20, 30], abs=1)


async def test_asking_a_thousand_times_in_one_turn_of_the_loop_costs_one_look() -> None:
    line = Line(waiting(3), lambda _: None)
    teller = PlaceTeller(asyncio.get_running_loop(), line.look)
    for _ in range(1000):
        teller.ask()
    await until_told(line)
    teller.stop()
    assert line.looks == 1


async def test_nobody_is_told_again_what_they_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_teller, "REST_SECONDS_EACH", 0.0)
    line = Line(waiting(5), lambda place: place * 100.0)
    teller = PlaceTeller(asyncio.get_running_loop(), line.look)
    teller.ask()
    await until_told(line)
    told = times_told(line.submissions)
    teller.ask()
    await until_told(line)
    assert times_told(line.submissions) == told
    del line.submissions[0]
    teller.ask()
    await until_told(line)
    teller.stop()
    assert times_told(line.submissions) == [count + 1 for count in told[1:]]
    assert [each.generation.position for each in line.submissions] == [1, 2, 3, 4]


async def test_a_waiting_time_that_turns_out_otherwise_is_told_without_anybody_asking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(place_teller, "REFRESH_SECONDS", 0.01)
    line = Line(waiting(1), lambda _: 100.0)
    teller = PlaceTeller(asyncio.get_running_loop(), line.look)
    teller.ask()
    await until_told(line)
    line.seconds = lambda _: 50.0
    await until_told(line)
    teller.stop()
    assert line.submissions[0].generation.waiting_seconds == pytest.approx(50, abs=1)


async def test_nobody_looks_any_more_when_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_teller, "REFRESH_SECONDS", 0.001)
    line = Line(waiting(1), lambda _: None)
    teller = PlaceTeller(asyncio.get_running_loop(), line.look)
    teller.ask()
    await until_told(line)
    line.submissions.clear()
    await until_told(line)
    looks = line.looks
    await asyncio.sleep(0.02)
    assert line.looks == looks


async def test_after_telling_many_it_rests_and_then_tells_the_last_state() -> None:
    line = Line(waiting(1000), lambda _: None)
    teller = PlaceTeller(asyncio.get_running_loop(), line.look)
    loop = asyncio.get_running_loop()
    teller.ask()
    await until_told(line)
    began = loop.time()
    for _ in range(5):
        del line.submissions[0]
        teller.ask()
        await asyncio.sleep(0)
    await until_told(line)
    teller.stop()
    assert line.looks == 2
    assert loop.time() - began >= 0.1
    assert [each.generation.position for each in line.submissions] == list(range(1, 996))


async def test_many_are_told_in_portions_between_which_others_have_their_turn() -> None:
    line = Line(waiting(5 * PORTION), lambda _: None)
    teller = PlaceTeller(asyncio.get_running_loop(), line.look)
    teller.ask()
    told = []
    for _ in range(8):
        await asyncio.sleep(0)
        told.append(sum(times_told(line.submissions)))
    teller.stop()
    steps = {after - before for before, after in pairwise(told)}
    assert max(steps) <= PORTION
    assert told[-1] >= 4 * PORTION


async def test_who_has_begun_meanwhile_does_not_go_back_to_the_queue() -> None:
    generation = Generation(REQUEST, 3, cancel=lambda: None)
    generation.receive(Moved(0))
    generation.receive(Moved(2, 10.0))
    assert (generation.position, generation.waiting_seconds) == (0, 0.0)

"""The task that keeps all deadlines: at their time, in order, and whatever goes wrong with one of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.store import StoryStore
from bot.storytelling.together.alarm import AGAIN_SECONDS, Alarm
from bot.storytelling.together.clock import WallClock
from tests.fakes.hand_clock import HandClock
from tests.unit.bot.test_store_circles import BORIS, begun


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


class Keeper:
    """Keeps deadlines by taking them away, and tells which."""

    def __init__(self, store: StoryStore) -> None:
        self.kept: asyncio.Queue[int] = asyncio.Queue()
        self.shown: asyncio.Queue[int] = asyncio.Queue()
        self.broken: set[int] = set()
        self._store = store

    async def keep(self, story_id: int) -> None:
        if story_id not in self.broken:
            await self._store.circles.change(story_id, lambda circle: replace(circle, deadline=None))
        await self.kept.put(story_id)
        if story_id in self.broken:
            raise RuntimeError("a bad day")

    async def show(self, story_id: int) -> None:
        await self._store.circles.shown(story_id, (await self._store.circles.get(story_id)).turn, None)
        await self.shown.put(story_id)


async def due_at(store: StoryStore, moment: int) -> int:
    circle = await begun(store, BORIS)
    await store.circles.change(circle.story_id, lambda circle: replace(circle, deadline=moment))
    return circle.story_id


async def test_what_passed_before_the_start_is_kept_at_once_and_the_rest_at_its_time(store: StoryStore) -> None:
    clock, keeper = HandClock(), Keeper(store)
    later, past = await due_at(store, clock.now() + 60), await due_at(store, clock.now() - 3600)
    alarm = Alarm(store, clock, keeper.keep, keeper.show)
    alarm.start()
    assert await keeper.kept.get() == past
    clock.advance(59)
    clock.advance(1)
    assert await keeper.kept.get() == later
    await alarm.stop()
    assert keeper.kept.empty()


async def test_what_could_not_be_shown_is_tried_again_after_a_while(store: StoryStore) -> None:
    clock, keeper = HandClock(), Keeper(store)
    story_id = await due_at(store, clock.now() - 1)
    alarm = Alarm(store, clock, keeper.keep, keeper.show)
    alarm.start()
    assert await keeper.kept.get() == story_id
    for _ in range(3):  # others' turns are no reason to try sooner
        alarm.set_anew()
        assert await store.circles.unshown() == [story_id]
    clock.advance(AGAIN_SECONDS)
    clock.advance(AGAIN_SECONDS)
    assert await keeper.shown.get() == story_id
    await alarm.stop()
    assert keeper.shown.empty()


async def test_a_deadline_that_is_set_meanwhile_is_kept_too(store: StoryStore) -> None:
    clock, keeper = HandClock(), Keeper(store)
    alarm = Alarm(store, clock, keeper.keep, keeper.show)
    alarm.start()
    story_id = await due_at(store, clock.now())
    alarm.set_anew()
    assert await keeper.kept.get() == story_id
    await alarm.stop()


async def test_one_that_can_not_be_kept_holds_up_no_other_and_is_tried_again(
    store: StoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    clock, keeper = HandClock(), Keeper(store)
    broken, fine = await due_at(store, clock.now() - 2), await due_at(store, clock.now() - 1)
    keeper.broken.add(broken)
    alarm = Alarm(store, clock, keeper.keep, keeper.show)
    with caplog.at_level(logging.CRITICAL):
        alarm.start()
        assert [await keeper.kept.get(), await keeper.kept.get()] == [broken, fine]
    keeper.broken.clear()
    assert await store.circles.next_deadline() == clock.now() + AGAIN_SECONDS
    clock.advance(AGAIN_SECONDS)
    assert await keeper.kept.get() == broken
    await alarm.stop()


async def test_a_clock_on_the_wall_comes_back_at_once_for_what_is_past() -> None:
    clock = WallClock()
    asked_at = clock.now()
    await asyncio.wait_for(clock.wait_until(asked_at - 10), 5)
    assert clock.now() - asked_at < 5

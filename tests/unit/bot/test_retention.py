"""Stories that nobody has written to for long go by themselves, where whoever runs the bot wants it so."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.config import Config
from bot.errors import DatabaseUnusable, StoryNotFound
from bot.privacy.words import summary_text
from bot.store import PersonSummary, StoryStore
from bot.storytelling.retention import AFTER_A_FAULT, AT_ONCE, DAY, Retention
from tests.fakes.quick_clock import QuickClock
from tests.fakes.stored_stories import CHANNEL, GUILD, READER, begun, files_with, told

NOW = 1_800_000_000


def age(path: Path, story_id: int, days: float) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE stories SET updated_at = ? WHERE id = ?", (NOW - int(days * DAY), story_id))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stories.sqlite3"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(path) as store:
        yield store


def retention(store: StoryStore, clock: QuickClock | None = None, **values: object) -> Retention:
    config = Config(_env_file=None, retention_days=30).model_copy(update=values)  # type: ignore[call-arg]
    clock = clock or QuickClock(NOW)
    return Retention(store, config, clock=clock.now, sleep=clock.wait)


async def left(store: StoryStore, *story_ids: int) -> list[int]:
    found = []
    for story_id in story_ids:
        try:
            found.append((await store.story(story_id)).id)
        except StoryNotFound:
            continue
    return found


async def test_a_story_goes_when_nobody_has_written_to_it_for_longer_than_the_days(
    store: StoryStore, path: Path
) -> None:
    (old, _), (young, _) = await told(store, "Old."), await told(store, "Young.")
    age(path, old.id, 30.1)
    age(path, young.id, 29.9)

    assert await retention(store).delete_now() == 1
    assert await left(store, old.id, young.id) == [young.id]


@pytest.mark.parametrize(
    ("spares", "expected"),
    [("none", []), ("loved", ["loved"]), ("shared", ["shared"]), ("loved_and_shared", ["loved", "shared"])],
)
async def test_loved_and_posted_stories_are_spared_as_it_is_chosen(
    store: StoryStore, path: Path, spares: str, expected: list[str]
) -> None:
    names = {(await told(store, name))[0].id: name for name in ("loved", "shared", "plain")}
    ids = {name: story_id for story_id, name in names.items()}
    await store.readers.toggle_heart(ids["loved"], READER, GUILD)
    await store.readers.add_share(ids["shared"], READER, guild_id=GUILD, channel_id=CHANNEL)
    for story_id in names:
        age(path, story_id, 40)

    await retention(store, retention_spares=spares).delete_now()
    assert [names[each] for each in await left(store, *names)] == expected


async def test_a_story_that_is_being_written_stays(store: StoryStore, path: Path) -> None:
    story, _ = await begun(store, "Slowly.")
    age(path, story.id, 400)

    assert await retention(store).delete_now() == 0


async def test_more_than_one_part_goes_in_one_night(store: StoryStore, path: Path) -> None:
    for number in range(AT_ONCE + 3):
        await told(store, f"Story {number}.")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE stories SET updated_at = 1")

    assert await retention(store).delete_now() == AT_ONCE + 3


async def test_what_went_is_in_no_file_any_more_once_the_bot_has_ended(path: Path) -> None:
    async with StoryStore.open(path) as store:
        story, _ = await told(store, "SecretWord and more.")
        age(path, story.id, 40)
        await retention(store).delete_now()
    assert files_with(path.parent, b"SecretWord") == []


async def test_it_happens_once_a_day_and_a_restart_neither_repeats_nor_delays_it(store: StoryStore) -> None:
    clock = QuickClock(NOW)

    async def days(rounds: int) -> None:
        ran = retention(store, clock)
        done: list[int] = []
        real = ran.delete_now

        async def counted() -> int:
            done.append(await real())
            if len(done) == rounds:
                raise asyncio.CancelledError
            return 0

        ran.delete_now = counted  # type: ignore[method-assign]
        with pytest.raises(asyncio.CancelledError):
            await ran.run()

    await days(2)
    assert clock.waits == [0, DAY]
    clock.seconds += 1000
    await days(1)  # started anew, 1000 seconds after the last time
    assert clock.waits == [0, DAY, DAY - 1000]


async def test_a_clock_that_is_set_back_delays_it_by_no_more_than_a_day(store: StoryStore) -> None:
    await store.set_meta("retention_at", str(NOW + 400 * DAY))
    assert await retention(store)._seconds_until_due() == DAY


async def test_what_the_database_does_not_allow_is_tried_again_after_an_hour(
    store: StoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    clock = QuickClock(NOW)
    ran = retention(store, clock)
    faults: list[Exception] = [DatabaseUnusable("s.sqlite3", "database is locked"), asyncio.CancelledError()]  # type: ignore[list-item]

    async def refused() -> int:
        raise faults.pop(0)

    ran.delete_now = refused  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await ran.run()
    assert AFTER_A_FAULT in clock.waits
    assert "database is locked" in caplog.text


async def test_without_days_nothing_runs(store: StoryStore) -> None:
    before = asyncio.all_tasks()
    async with retention(store, retention_days=0).running():
        assert asyncio.all_tasks() == before


def test_the_privacy_summary_says_after_how_many_days_stories_go() -> None:
    nothing = PersonSummary(
        stories=0, passages=0, words=0, words_in_others=0, oldest=None, saved_options=0, presets=0, hearts_given=0,
        reports=0, keeps_history=True,
    )  # fmt: skip
    assert "for 30 days" in summary_text(nothing, remote=False, retention_days=30)
    assert "days" not in summary_text(nothing, remote=False)

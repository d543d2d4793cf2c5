"""Several real processes on one database: each writes, and none touches what another is writing."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.errors import DatabaseUnusable, ShardTaken
from bot.process_locks import ProcessLocks
from bot.processes import take_up_unfinished
from bot.shards import Shards
from bot.store import PassageState, StoryStore
from bot.storytelling.interrupted import end_interrupted
from tests.fakes.stored_stories import begun

STORIES = 20
TWO_OF_FOUR = Shards(ids=(0, 1), count=4)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "stories.sqlite3"


@asynccontextmanager
async def writing(database: Path, shard: int, stories: int = 1) -> AsyncIterator[Process]:
    """Run a process that writes so many stories; it is killed at the end."""
    command = (sys.executable, "-m", "tests.fakes.writing_process", str(database), str(shard), str(stories))
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def said(process: Process, word: str) -> None:
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 60) == f"{word}\n".encode()


async def killed(process: Process) -> None:
    process.kill()
    await process.wait()


async def test_two_processes_that_begin_at_once_write_into_one_new_file_and_lose_nothing(database: Path) -> None:
    async with writing(database, 0, STORIES) as one, writing(database, 1, STORIES) as other:
        for process in (one, other):
            await said(process, "serving")
            await said(process, "written")
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        counted = connection.execute("SELECT owner_id, count(*) FROM stories GROUP BY owner_id ORDER BY 1").fetchall()
    kept = STORIES - STORIES // 10 + 1
    assert counted == [(0, kept), (1, kept)]


async def test_what_another_process_is_writing_goes_on_and_what_a_dead_one_left_is_ended(database: Path) -> None:
    async with writing(database, 2) as alive, writing(database, 3) as dead, writing(database, 1) as before:
        for process in (alive, dead, before):
            await said(process, "serving")
            await said(process, "written")
        await killed(dead)
        await killed(before)
        async with StoryStore(database) as store:
            assert await store.unfinished.shards() == [1, 2, 3]
            with ProcessLocks(database).serving(TWO_OF_FOUR.known):
                await take_up_unfinished(store, TWO_OF_FOUR, ProcessLocks(database))
            (left,) = await store.waiting(2)
            assert await store.waiting(1) == await store.waiting(3) == []
    assert left.shard == 2


async def test_a_store_ends_only_what_it_left_itself(database: Path) -> None:
    async with StoryStore(database, shard=0) as one, StoryStore(database, shard=2) as other:
        _, first = await begun(one)
        _, second = await begun(other)
        assert [passage.id for passage in await end_interrupted(one)] == [first.id]
        assert (await one.passage(first.id)).state is PassageState.FAILED
        assert (await one.passage(second.id)).state is PassageState.WAITING


async def test_a_shard_that_another_process_serves_is_refused_with_a_sentence_until_that_one_has_ended(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.process_locks.TAKING_SECONDS", 0.1)
    locks = ProcessLocks(database)
    async with writing(database, 1) as process:
        await said(process, "serving")
        with pytest.raises(ShardTaken, match=r"serves shard 1 with .*stories\.sqlite3 already"), locks.serving([0, 1]):
            pass
        with locks.serving([0]):  # what was held before the refusal is free again
            pass
        with locks.if_free(1) as free:
            assert not free
        await killed(process)
        with locks.serving([0, 1]), ProcessLocks(database).if_free(1) as free:
            assert not free
    with locks.if_free(1) as free:
        assert free


def test_a_folder_in_which_nothing_can_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(DatabaseUnusable),
        ProcessLocks(tmp_path / "file" / "stories.sqlite3").serving([0]),
    ):
        pass


async def test_shards_of_a_bucket_log_in_one_after_the_other_and_those_of_others_beside_them(database: Path) -> None:
    one, other = ProcessLocks(database, identify_seconds=0.3), ProcessLocks(database, identify_seconds=0.3)
    clock = asyncio.get_running_loop().time
    begun_at = clock()
    await one.turn_to_identify(0)
    await other.turn_to_identify(1)
    waiting = asyncio.create_task(other.turn_to_identify(0))
    await asyncio.wait([waiting], timeout=0.05)
    assert not waiting.done()
    await waiting
    assert clock() - begun_at >= 0.3
    other.close()
    await one.turn_to_identify(0)  # a process that has ended keeps nobody waiting
    one.close()
    other.close()

"""Killed in the middle of a migration or of a write: the file is whole, and nothing that was stored is lost."""

from __future__ import annotations

import random
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import StoryStore
from bot.store.migrate import known_migrations, migrate
from tests.fakes.killable_store import migrating, writing

STORIES = 300
SECONDS = 30.0


@pytest.fixture
def old(tmp_path: Path) -> bytes:
    """Give the file of a first version with some stories."""
    path = tmp_path / "old.sqlite3"
    migrate(path, known_migrations()[:1])
    with closing(sqlite3.connect(path)) as connection:
        for number in range(1, STORIES + 1):
            connection.execute(
                "INSERT INTO stories VALUES (?, 1, 5, 9, 'horror', ?, NULL, 0, 100, 100)", (number, f"Title {number}")
            )
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


@pytest.mark.slow
def test_a_migration_that_is_killed_anywhere_is_done_whole_at_the_next_start(tmp_path: Path, old: bytes) -> None:
    path = tmp_path / "s.sqlite3"
    after, killed = 0, 0
    while True:
        for left in tmp_path.glob("s.sqlite3*"):
            left.unlink()
        path.write_bytes(old)
        process = migrating(path, after)
        process.join(SECONDS)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        killed += 1
        _is_whole_after_a_start(path)
        after = max(after + 1, int(after * 1.25))
    assert killed > 20
    _is_whole_after_a_start(path)


def _is_whole_after_a_start(path: Path) -> None:
    migrate(path, known_migrations())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(known_migrations()),)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(DISTINCT title) FROM stories").fetchone() == (STORIES,)


@pytest.mark.parametrize("seed", range(3))
async def test_a_write_that_is_killed_anywhere_leaves_no_half_story_and_loses_none_that_was_stored(
    tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    path = tmp_path / "s.sqlite3"
    process, said = writing(path)
    stored = [said.recv() for _ in range(dice.randrange(5, 60))]
    process.kill()
    process.join(SECONDS)
    while True:
        try:
            stored.append(said.recv())
        except EOFError:
            break
    async with StoryStore.open(path) as store:
        for story_id in stored:
            ended = (await store.passages_of(story_id))[-1]
            assert ended.text == f" and text {story_id}." * 50
        begun = await store._database.read(
            "SELECT count(*) FROM stories WHERE id NOT IN (SELECT story_id FROM passages WHERE author = 'model')", {}
        )
        assert tuple(begun[0]) == (0,)
        assert (await store.counts()).stories - len(stored) in (0, 1)
        checked = await store._database.read("PRAGMA integrity_check", {})
        assert tuple(checked[0]) == ("ok",)

"""Copies of the database are whole, also while it is written to; and one is brought back whole or not at all."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import (
    BotError,
    CopyExists,
    CopyUnusable,
    DatabaseInUse,
    DatabaseMissing,
    DatabaseTooNew,
    DatabaseUnusable,
)
from bot.store import StoryStore, copies
from bot.store.copies import back_up, check_copy, restore
from bot.store.migrate import known_migrations, migrate
from tests.fakes.stored_stories import files_with, told

OLDEST = known_migrations()[:1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "stories.sqlite3"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(path) as store:
        yield store


def titles(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT title FROM stories ORDER BY id")]


def orphans(path: Path) -> int:
    """Count stories whose passages are not all there: each was told with two in two transactions."""
    sql = "SELECT count(*) FROM stories WHERE (SELECT count(*) FROM passages WHERE story_id = stories.id) != 2"
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(sql).fetchone()[0])


async def closed_with(path: Path, *words: str) -> Path:
    async with StoryStore.open(path) as store:
        for each in words:
            await told(store, each, title=each)
    return path


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_a_copy_has_all_that_is_stored_though_the_bot_has_it_open(store: StoryStore, path: Path) -> None:
    await told(store, "The lake", title="The lake")
    back_up(path, path.parent / "copy.sqlite3")

    assert titles(path.parent / "copy.sqlite3") == ["The lake"]
    assert check_copy(path.parent / "copy.sqlite3") == len(known_migrations())


async def test_copies_made_while_stories_are_written_are_each_whole(store: StoryStore, path: Path) -> None:
    writing = True

    async def write() -> int:
        number = 0
        while writing:
            await told(store, f"Story {number}", title=f"Story {number}")
            number += 1
        return number

    task = asyncio.create_task(write())
    made = [path.parent / f"copy-{number}.sqlite3" for number in range(8)]
    for copy in made:
        await asyncio.to_thread(back_up, path, copy)
    writing = False
    written = await task

    counts = [len(titles(copy)) for copy in made]
    assert counts == sorted(counts)
    assert 0 < counts[-1] <= written
    for copy in made:
        check_copy(copy)
        assert orphans(copy) == 0


@pytest.mark.usefixtures("store")
async def test_only_its_owner_may_read_a_copy(path: Path) -> None:
    back_up(path, path.parent / "copy.sqlite3")
    assert stat.S_IMODE((path.parent / "copy.sqlite3").stat().st_mode) == 0o600


@pytest.mark.usefixtures("store")
async def test_no_file_is_overwritten_by_a_copy_and_none_is_left_half_done(path: Path) -> None:
    (path.parent / "copy.sqlite3").write_text("mine")
    with pytest.raises(CopyExists):
        back_up(path, path.parent / "copy.sqlite3")

    assert (path.parent / "copy.sqlite3").read_text() == "mine"
    assert [name for name in names(path.parent) if name.startswith(".copy")] == []


@pytest.mark.usefixtures("store")
async def test_a_copy_that_is_broken_off_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_off(_copy: Path) -> int:
        raise KeyboardInterrupt

    before = names(path.parent)
    monkeypatch.setattr(copies, "check_copy", broken_off)
    with pytest.raises(KeyboardInterrupt):
        back_up(path, path.parent / "copy.sqlite3")
    assert names(path.parent) == before


def test_there_has_to_be_a_database(path: Path, tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissing, match="DATABASE_PATH"):
        back_up(path, tmp_path / "copy.sqlite3")
    assert names(tmp_path) == []


@pytest.mark.usefixtures("store")
async def test_a_folder_that_is_not_there_is_said(path: Path, tmp_path: Path) -> None:
    with pytest.raises(CopyUnusable, match="No such file"):
        back_up(path, tmp_path / "nowhere" / "copy.sqlite3")


def test_a_damaged_database_is_said_and_makes_no_copy(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"SQLite format 3\0" + os.urandom(5000))
    with pytest.raises(DatabaseUnusable):
        back_up(path, tmp_path / "copy.sqlite3")
    assert names(tmp_path) == ["data"]


async def test_a_copy_comes_back_and_what_was_there_is_kept_beside_it(path: Path, tmp_path: Path) -> None:
    await closed_with(path, "Before")
    back_up(path, tmp_path / "copy.sqlite3")
    await closed_with(path, "After")

    kept = restore(tmp_path / "copy.sqlite3", path)

    assert titles(path) == ["Before"]
    assert kept is not None
    assert titles(kept) == ["Before", "After"]
    async with StoryStore.open(path) as store:
        assert (await store.counts()).stories == 1
        await told(store, "Later", title="Later")
    assert titles(path) == ["Before", "Later"]
    assert titles(tmp_path / "copy.sqlite3") == ["Before"]


async def test_a_copy_is_put_where_there_was_no_database(path: Path, tmp_path: Path) -> None:
    copy = await closed_with(tmp_path / "copy.sqlite3", "Before")
    assert restore(copy, path) is None
    assert titles(path) == ["Before"]


async def test_a_copy_of_an_older_version_comes_back_and_is_migrated_at_the_next_start(
    path: Path, tmp_path: Path
) -> None:
    migrate(tmp_path / "copy.sqlite3", OLDEST)
    restore(tmp_path / "copy.sqlite3", path)
    async with StoryStore.open(path) as store:
        assert (await store.counts()).stories == 0


async def test_nothing_is_replaced_while_a_bot_has_the_database(store: StoryStore, path: Path, tmp_path: Path) -> None:
    copy = await closed_with(tmp_path / "copy.sqlite3", "Before")
    await told(store, "Running", title="Running")
    with pytest.raises(DatabaseInUse, match="Stop the bot"):
        restore(copy, path)

    assert titles(path) == ["Running"]
    assert [name for name in names(path.parent) if "backup" in name] == []
    await told(store, "Still", title="Still")
    assert titles(path) == ["Running", "Still"]


def _text(path: Path) -> None:
    path.write_text("notes")


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (x)")


def _newer(path: Path) -> None:
    migrate(path, known_migrations())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(known_migrations()) + 1}")


def _cut(path: Path) -> None:
    migrate(path, known_migrations())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _against_its_rules(path: Path) -> None:
    migrate(path, known_migrations())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(
            "INSERT INTO stories (owner_id, channel_id, genre, title, private, created_at, updated_at)"
            " VALUES (1, 2, 'horror', '', 7, 3, 3)"
        )


def _missing(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (_text, CopyUnusable), (_foreign, CopyUnusable), (_newer, DatabaseTooNew), (_cut, CopyUnusable),
        (_missing, CopyUnusable), (_against_its_rules, CopyUnusable),
    ],
)  # fmt: skip
async def test_a_file_that_is_no_sound_copy_changes_nothing(
    path: Path, tmp_path: Path, spoil: object, error: type[BotError]
) -> None:
    await closed_with(path, "Kept")
    spoil(tmp_path / "copy.sqlite3")  # type: ignore[operator]
    with pytest.raises(error):
        restore(tmp_path / "copy.sqlite3", path)
    assert titles(path) == ["Kept"]


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)


async def test_a_damaged_database_steps_aside_as_it_is(path: Path, tmp_path: Path) -> None:
    copy = await closed_with(tmp_path / "copy.sqlite3", "Before")
    damaged = b"SQLite format 3\0" + os.urandom(5000)
    _write(path, damaged)

    kept = restore(copy, path)

    assert titles(path) == ["Before"]
    assert kept is not None
    assert kept.read_bytes() == damaged


async def test_the_database_is_no_copy_of_itself(path: Path) -> None:
    await closed_with(path, "Kept")
    with pytest.raises(CopyUnusable):
        restore(path, path)


async def test_what_somebody_deletes_later_goes_from_the_one_that_was_kept_too(path: Path, tmp_path: Path) -> None:
    await closed_with(path, "SecretWord")
    back_up(path, tmp_path / "copy.sqlite3")
    restore(tmp_path / "copy.sqlite3", path)
    async with StoryStore.open(path) as store:
        await store.delete_story(1)
    assert files_with(path.parent, b"SecretWord") == []

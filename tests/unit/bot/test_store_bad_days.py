"""Bad days of the database: locked, full, read-only, damaged. Each is said, and nothing is half written."""

from __future__ import annotations

import asyncio
import random
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.config import Config
from bot.errors import BotError, DatabaseDamaged, DatabaseUnusable, DiskFull
from bot.sentences import sentence_for
from bot.store import PassageState, StoryStore
from bot.store.migrate import known_migrations, migrate
from bot.storytelling import following
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller
from tests.fakes.full_database import full_database
from tests.fakes.scripted_engine import ScriptedEngine
from tests.fakes.stored_stories import OWNER, told

ADA = Teller(user_id=1, guild_id=None, channel_id=2)
_DICE = random.Random(3)  # noqa: S311 - no secret
LONG = "".join(f" {_DICE.randbytes(_DICE.randrange(2, 6)).hex()}" for _ in range(3000)) + "."
"""Longer than all free room in a small database, and not in circles."""


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StoryStore]:
    """A store that waits for nobody."""
    monkeypatch.setattr("bot.store.database.BUSY_SECONDS", 0.01)
    monkeypatch.setattr(following, "STORING_PAUSE", 0.01)
    async with StoryStore.open(tmp_path / "s.sqlite3") as store:
        yield store


@contextmanager
def another_program_writes(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def no_more_pages(store: StoryStore) -> None:
    """Let SQLite meet the end of the disk."""
    (row,) = await store._database.read("PRAGMA page_count", {})
    await store._database.read(f"PRAGMA max_page_count = {row[0]}", {})


async def room_again(store: StoryStore) -> None:
    await store._database.read("PRAGMA max_page_count = 1000000", {})


async def test_a_database_that_another_program_keeps_locked_is_a_sentence_and_can_be_written_afterwards(
    tmp_path: Path, store: StoryStore
) -> None:
    with another_program_writes(tmp_path / "s.sqlite3"):
        with pytest.raises(DatabaseUnusable, match="locked") as caught:
            await told(store, "The lake")
        assert await store.stories_of(OWNER) == []  # reading goes on
    assert sentence_for(caught.value) == "My memory can't be reached just now. Please try again in a minute."
    story, _ = await told(store, "The lake")
    assert [found.id for found in await store.stories_of(OWNER)] == [story.id]


async def test_on_a_full_disk_nothing_is_half_written_and_what_there_is_can_be_read(store: StoryStore) -> None:
    story, _ = await told(store, "The lake", " was still.")
    await no_more_pages(store)
    with pytest.raises(DiskFull) as caught:
        await told(store, "The sea", LONG)
    assert "no room left" in str(sentence_for(caught.value))
    begun, kept = await store.stories_of(OWNER)
    assert [passage.text for passage in await store.passages_of(kept.id)] == ["The lake", " was still."]
    assert [passage.text for passage in await store.passages_of(begun.id)] == ["The sea", ""]
    await room_again(store)
    assert [tuple(row) for row in await store._database.read("PRAGMA integrity_check", {})] == [("ok",)]
    assert kept == story
    await told(store, "The sea", LONG)


@contextmanager
def no_larger_files(size: int) -> Iterator[None]:
    """Let the file system refuse what would make a file larger, as at the end of a disk or a quota."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_what_the_file_system_refuses_to_write_is_a_sentence_and_the_store_works_afterwards(
    tmp_path: Path, store: StoryStore
) -> None:
    story, _ = await told(store, "The lake", " was still.")
    with no_larger_files((tmp_path / "s.sqlite3-wal").stat().st_size + 5000), pytest.raises(DatabaseUnusable) as caught:
        await told(store, "The sea", LONG)
    assert sentence_for(caught.value) is not None
    after, _ = await told(store, "The hill", LONG)
    found = await store.stories_of(OWNER)
    assert {story.id, after.id} <= {one.id for one in found}
    assert [tuple(row) for row in await store._database.read("PRAGMA integrity_check", {})] == [("ok",)]


async def test_a_database_that_can_only_be_read_is_a_sentence(store: StoryStore) -> None:
    await store._database.read("PRAGMA query_only = ON", {})
    with pytest.raises(DatabaseUnusable, match="readonly") as caught:
        await told(store, "The lake")
    assert sentence_for(caught.value) is not None


async def test_a_mistake_of_the_program_is_no_bad_day(store: StoryStore) -> None:
    with pytest.raises(sqlite3.OperationalError):
        await store._database.read("SELECT nothing FROM nowhere", {})


@pytest.mark.parametrize("bad", ["locked", "full"])
async def test_a_passage_that_ends_on_a_bad_day_is_stored_when_the_day_is_over(
    tmp_path: Path, store: StoryStore, bad: str
) -> None:
    engine = ScriptedEngine()
    telling = await Storyteller(engine, store, Config()).begin(ADA, genre="horror", prompt="The lake")
    if bad == "locked":
        with another_program_writes(tmp_path / "s.sqlite3"):
            engine.answer(LONG)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(telling.finished(), 0.1)
    else:
        await no_more_pages(store)
        engine.answer(LONG)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(telling.finished(), 0.1)
        await room_again(store)
    ended = await telling.finished()
    assert (ended.state, ended.text) == (PassageState.DONE, LONG)


async def test_a_bad_day_without_an_end_is_told(store: StoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STORING_SECONDS", 0.0)
    engine = ScriptedEngine()
    telling = await Storyteller(engine, store, Config()).begin(ADA, genre="horror", prompt="The lake")
    await no_more_pages(store)
    engine.answer(LONG)
    with pytest.raises(DiskFull):
        await telling.finished()
    await room_again(store)


def _flip(path: Path, start: int, length: int = 64) -> bytes:
    """Change some bytes of a file, and give all that it has then."""
    content = bytearray(path.read_bytes())
    content[start : start + length] = bytes(byte ^ 0xFF for byte in content[start : start + length])
    path.write_bytes(content)
    return bytes(content)


def _damage(path: Path, kind: str) -> bytes:
    size = path.stat().st_size
    if kind == "cut off":
        path.write_bytes(path.read_bytes()[: size // 2 + 100])
        return path.read_bytes()
    places = {"the header": 0, "the schema": 100, "the middle": size // 2 // 4096 * 4096}
    return _flip(path, places[kind])


@pytest.mark.parametrize("kind", ["the header", "the schema", "the middle", "cut off"])
def test_a_damaged_file_is_copied_aside_and_never_written_to(tmp_path: Path, kind: str) -> None:
    path = full_database(tmp_path / "s.sqlite3", stories=200, owners=3)
    content = _damage(path, kind)

    with pytest.raises(DatabaseDamaged) as caught:
        migrate(path, known_migrations())

    assert path.read_bytes() == content
    copy = caught.value.copy
    assert copy is not None
    assert copy.read_bytes() == content
    assert str(path) in str(caught.value)
    assert str(copy) in str(caught.value)
    assert ".recover" in str(caught.value)
    assert not caught.value.in_use


def test_a_damaged_file_is_copied_once_however_often_a_supervisor_starts_the_bot(tmp_path: Path) -> None:
    path = full_database(tmp_path / "s.sqlite3", stories=200, owners=3)
    _damage(path, "the middle")
    for _ in range(3):
        with pytest.raises(DatabaseDamaged):
            migrate(path, known_migrations())
    assert len(list(tmp_path.glob("*.copy"))) == 1


def test_the_log_of_a_damaged_file_is_copied_with_it_and_kept(tmp_path: Path) -> None:
    path = full_database(tmp_path / "s.sqlite3", stories=200, owners=3)
    with closing(sqlite3.connect(path)) as writer, closing(sqlite3.connect(path)) as reader:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("INSERT INTO meta VALUES ('newest', 'in the log')")
        writer.commit()
        reader.execute("SELECT * FROM meta").fetchall()
        log = path.with_name("s.sqlite3-wal").read_bytes()
        content = _damage(path, "the middle")
        there = tmp_path / "there"
        there.mkdir()
        (there / "s.sqlite3").write_bytes(content)
        (there / "s.sqlite3-wal").write_bytes(log)

    with pytest.raises(DatabaseDamaged) as caught:
        migrate(there / "s.sqlite3", known_migrations())

    assert log
    assert caught.value.copy is not None
    assert caught.value.copy.with_name(caught.value.copy.name + "-wal").read_bytes() == log
    assert ((there / "s.sqlite3").read_bytes(), (there / "s.sqlite3-wal").read_bytes()) == (content, log)


async def test_damage_that_is_met_while_running_is_a_sentence_and_the_bot_is_told_to_end(tmp_path: Path) -> None:
    path = full_database(tmp_path / "s.sqlite3", stories=2000, owners=3)
    async with StoryStore.open(path) as store:
        size = path.stat().st_size
        for place in range(4096 * 20, size, 4096):
            _flip_in_place(path, place)
        with pytest.raises(BotError) as caught:
            await asyncio.gather(*(store.passages_of(number) for number in range(1, 2001)))
        assert isinstance(caught.value, DatabaseDamaged)
        assert caught.value.in_use
        assert "damaged" in str(sentence_for(caught.value))
        assert store.damage.done()


def _flip_in_place(path: Path, place: int) -> None:
    """Change bytes of a file that is open elsewhere."""
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"\xff" * 64)

"""Bad days of the database, as people and whoever runs the bot meet them: full, locked, read-only, damaged."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.__main__ import EXIT_BROKEN, EXIT_CONFIG, main
from bot.app import StoryBot
from bot.config import Config
from bot.errors import DatabaseDamaged
from bot.run import run_bot
from bot.storytelling import following
from storygen.generation import Piece
from tests.e2e.acting import rows
from tests.e2e.conftest import Stage
from tests.e2e.person import words_of
from tests.e2e.reading import answered, closed_up, finished, shown_text
from tests.fakes.full_database import full_database
from tests.fakes.scripted_engine import ScriptedEngine

STORY = {"genre": "horror", "prompt": "The lake"}


@contextmanager
def another_program_writes(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def on_the_store(bot: StoryBot, sql: str) -> int:
    """Run a pragma on the bot's own connection, and give what it says."""
    found = await bot._store._database.read(sql, {})
    return int(found[0][0]) if found else 0


async def test_on_a_full_disk_a_story_keeps_growing_and_is_stored_once_there_is_room(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "STORING_PAUSE", 0.01)
    engine = ScriptedEngine()
    words = " ".join(f"wave{number}" for number in range(600)) + "."
    async with stage.bot(engine) as bot:
        asked = await stage.playground.slash(stage.ada, "story", STORY)
        await asked.until(lambda shown: shown.message and "Next in" in shown_text(shown.message), 30)
        pages = await on_the_store(bot, "PRAGMA page_count")
        await on_the_store(bot, f"PRAGMA max_page_count = {pages}")
        engine.generations[-1].receive(Piece(f" saw {words}"))
        await asked.until(lambda shown: shown.message and "wave596 ▌" in shown_text(shown.message), 30)
        engine.answer(" Then night came.")
        await asked.until(lambda shown: shown.message and "night came. ▌" in shown_text(shown.message), 30)
        await on_the_store(bot, "PRAGMA max_page_count = 1000000")
        message = await finished(asked)
    ((text,),) = rows(stage, "SELECT text FROM passages WHERE author = 'model' AND state = 'done'")
    assert closed_up(shown_text(message)) == closed_up(f"The lake{text}")
    assert text.endswith("Then night came.")


async def test_a_story_that_no_day_brings_into_the_database_stays_in_its_message(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "STORING_SECONDS", 0.0)
    engine = ScriptedEngine()
    async with stage.bot(engine) as bot:
        asked = await stage.playground.slash(stage.ada, "story", STORY)
        await asked.until(lambda shown: shown.message and "Next in" in shown_text(shown.message), 30)
        await on_the_store(bot, "PRAGMA query_only = ON")
        engine.answer(" was still.")
        await asked.until(lambda shown: shown.message and shown.message.content, 30)
        message = asked.message
        assert message is not None
        assert "memory can't be reached" in message.content
        assert shown_text(message) == "The lake was still."
        await on_the_store(bot, "PRAGMA query_only = OFF")


async def test_a_locked_database_is_a_sentence_and_no_interaction_stays_thinking(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database.BUSY_SECONDS", 0.05)
    async with stage.bot(ScriptedEngine([" was still."] * 3)):
        with another_program_writes(stage.config.database_path):
            asked = await stage.playground.slash(stage.ada, "story", STORY)
            assert "memory can't be reached" in await answered(asked)
            saved = await stage.playground.slash(stage.bob, "settings set", {"temperature": 0.7})
            assert "memory can't be reached" in await answered(saved)
        again = await stage.playground.slash(stage.ada, "story", STORY)
        assert shown_text(await finished(again)) == "The lake was still."
    assert not any(message.loading for message in stage.playground.messages())


async def test_a_bot_that_is_told_to_stop_answers_first_what_it_has_begun(stage: Stage) -> None:
    async with stage.bot() as bot:
        begun = asyncio.create_task(bot.wait_for("interaction"))
        with another_program_writes(stage.config.database_path):
            saved = await stage.playground.slash(stage.ada, "settings set", {"temperature": 0.7})
            await begun
            stopping = asyncio.create_task(bot.drain())
            await asyncio.wait([stopping], timeout=0.3)
            assert not stopping.done()
        await stopping
    assert saved.message is not None
    assert not saved.message.loading
    assert "0.7" in words_of(saved.message)


async def test_damage_that_is_met_while_running_is_told_and_the_bot_ends_to_be_started_again(stage: Stage) -> None:
    path = full_database(stage.config.database_path, stories=2000, owners=1)
    running = asyncio.create_task(run_bot(stage.config))
    await stage.playground.bot_ready()
    content = bytearray(path.read_bytes())
    with path.open("r+b") as file:
        for place in range(4096 * 20, len(content), 4096):
            file.seek(place)
            file.write(b"\xff" * 64)
    asked = await stage.playground.slash(stage.ada, "stories random", {})
    assert "memory is damaged" in await answered(asked)
    with pytest.raises(DatabaseDamaged) as caught:
        await asyncio.wait_for(running, 30)
    assert caught.value.in_use
    await stage.playground.bot_gone()


def configured(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Give the operator's values to a bot that never comes as far as Discord."""
    monkeypatch.chdir(path.parent)  # no .env of whoever runs the tests
    monkeypatch.setenv("DISCORD_TOKEN", "x.y.z")
    monkeypatch.setenv("DATABASE_PATH", str(path))


def test_a_damaged_database_keeps_the_bot_from_starting_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = full_database(tmp_path / "s.sqlite3", stories=50, owners=1)
    path.write_bytes(path.read_bytes()[:9000])
    configured(monkeypatch, path)
    assert main(["run"]) == EXIT_CONFIG
    said = capsys.readouterr().err.splitlines()[-1]
    assert "is damaged" in said
    assert ".recover" in said
    assert len(list(tmp_path.glob("*.copy"))) == 1


def test_damage_met_while_running_has_a_code_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def damaged(_: Config) -> None:
        raise DatabaseDamaged(tmp_path / "s.sqlite3", "malformed", in_use=True)

    configured(monkeypatch, tmp_path / "s.sqlite3")
    monkeypatch.setattr("bot.__main__.run_bot", damaged)
    assert main(["run"]) == EXIT_BROKEN


def test_a_database_that_can_only_be_read_keeps_the_bot_from_starting_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = full_database(tmp_path / "s.sqlite3", stories=5, owners=1)
    configured(monkeypatch, path)
    with read_only(path):
        assert main(["run"]) == EXIT_CONFIG
    assert "can't be used" in capsys.readouterr().err.splitlines()[-1]


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """Let a file be read only; root, whom modes do not stop, needs a file system that knows immutable files."""
    if os.geteuid():
        path.chmod(0o400)
        yield
        path.chmod(0o600)
        return
    if subprocess.run(["chattr", "+i", path], check=False, capture_output=True).returncode:  # noqa: S603, S607
        pytest.skip("root can write to every file here")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", path], check=True)  # noqa: S603, S607

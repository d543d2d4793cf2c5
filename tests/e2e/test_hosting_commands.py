"""``storybot doctor``, ``backup``, ``restore``, ``stats`` and ``purge-user`` as whoever runs the bot types them."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.__main__ import EXIT_CONFIG, main
from bot.config import Config
from bot.playground import Playground
from bot.store import StoryStore
from tests.e2e.reading import finished
from tests.fakes.stored_stories import OWNER, READER, files_with, told
from tests.load.crowd import bot_process

PROMPT = "The lantern burned low"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a database in the environment, and nothing else; the working folder has no .env."""
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "stories.sqlite3"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "stories.sqlite3"


async def filled(path: Path, *words: str) -> None:
    async with StoryStore.open(path) as store:
        for each in words:
            await told(store, each, title=each)


def titles(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT title FROM stories ORDER BY id")]


async def storybot(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as beside a bot that runs."""
    env = {**os.environ, "DATABASE_PATH": str(folder / "stories.sqlite3")}
    command = [sys.executable, "-m", "bot", *arguments]
    return await asyncio.to_thread(subprocess.run, command, env=env, capture_output=True, text=True, check=False)


async def test_beside_a_running_bot_backup_stats_and_purge_work_and_restore_is_refused(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    async with Playground() as playground, bot_process(playground, tmp_path, STORY_MODEL=str(tiny_checkpoint)):
        ada = playground.add_user("Ada")
        asked = {"genre": "horror", "prompt": PROMPT, "title": "Lantern"}
        await finished(await playground.slash(ada, "story", asked))
        copied = await storybot(tmp_path, "backup", str(tmp_path / "copy.sqlite3"))
        refused = await storybot(tmp_path, "restore", str(tmp_path / "copy.sqlite3"))
        counted = await storybot(tmp_path, "stats")
        purged = await storybot(tmp_path, "purge-user", str(ada.id), "--yes")
        again = await finished(await playground.slash(ada, "story", {**asked, "title": "After"}))

    assert (copied.returncode, titles(tmp_path / "copy.sqlite3")) == (0, ["Lantern"])
    assert refused.returncode == EXIT_CONFIG
    assert "Stop the bot" in refused.stderr
    assert "1  stories" in counted.stdout
    assert str(ada.id) not in counted.stdout
    assert "1 story with it" in purged.stdout
    assert again is not None
    assert titles(tmp_path / "stories.sqlite3") == ["After"]


def test_doctor_ends_with_1_where_something_is_wrong_and_makes_no_database(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tiny_checkpoint: Path
) -> None:
    monkeypatch.setenv("STORY_MODEL", str(tiny_checkpoint))
    monkeypatch.setenv("STORY_DTYPE", "float32")
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "wrong" in shown
    assert "→" in shown
    assert not database.exists()


async def test_doctor_ends_with_0_where_nothing_is_wrong(tiny_checkpoint: Path, tmp_path: Path) -> None:
    async with Playground() as playground:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("STORY_", "DISCORD_"))}
        env |= {"DISCORD_TOKEN": playground.token, "DISCORD_API_URL": playground.api_url, "STORY_DTYPE": "float32"}
        env |= {
            "STORY_MODEL": str(tiny_checkpoint),
            "DATABASE_PATH": str(tmp_path / "s.sqlite3"),
            "STORY_DEVICE": "cpu",
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "doctor"), env=env, stdout=asyncio.subprocess.PIPE
        )
        shown, _ = await process.communicate()
    assert process.returncode == 0, shown.decode()
    assert "0 wrong" in shown.decode()
    assert playground.token not in shown.decode()


def test_a_copy_is_brought_back_and_it_is_said_where_the_old_one_is(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(filled(database, "Before"))
    assert main(["backup", "copy.sqlite3"]) == 0
    asyncio.run(filled(database, "After"))
    assert main(["restore", "copy.sqlite3"]) == 0
    assert titles(database) == ["Before"]
    (kept,) = database.parent.glob("*.before-restore.*.backup")
    assert str(kept) in capsys.readouterr().out


def test_what_can_not_be_done_is_one_sentence_and_a_code(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["backup", "copy.sqlite3"], ["restore", "none.sqlite3"], ["stats"], ["purge-user", "5"]):
        assert main(arguments) == EXIT_CONFIG
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert list(database.parent.iterdir()) == []


@pytest.mark.parametrize("given", ["0", "-5", "five", "9" * 30])
def test_a_number_that_is_nobodys_is_refused(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["purge-user", given])
    assert capsys.readouterr().err


def test_a_person_is_purged_after_a_yes_alone(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def two_people() -> None:
        async with StoryStore.open(database) as store:
            await told(store, "SecretWord.", title="Hers")
            await told(store, "Plain.", title="His", owner_id=READER)

    asyncio.run(two_people())
    monkeypatch.setattr("builtins.input", lambda _: "no")
    assert main(["purge-user", str(OWNER)]) == 1
    assert titles(database) == ["Hers", "His"]
    monkeypatch.setattr("builtins.input", lambda _: "yes")
    assert main(["purge-user", str(OWNER)]) == 0
    assert titles(database) == ["His"]
    assert files_with(database.parent, b"SecretWord") == []


async def test_a_bot_that_starts_deletes_what_nobody_has_written_to_for_as_long_as_its_host_says(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    database = tmp_path / "stories.sqlite3"
    await filled(database, "Old", "Loved")
    async with StoryStore.open(database) as store:
        await store.readers.toggle_heart(2, READER, None)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE stories SET updated_at = 1000")
    settings = {"STORY_MODEL": str(tiny_checkpoint), "RETENTION_DAYS": "30", "RETENTION_SPARES": "loved"}
    async with Playground() as playground, bot_process(playground, tmp_path, **settings):
        asked = {"genre": "horror", "prompt": PROMPT, "title": "New"}
        await finished(await playground.slash(playground.add_user("Ada"), "story", asked))
    assert titles(database) == ["Loved", "New"]
    assert "1 stories deleted" in (tmp_path / "bot.log").read_text(encoding="utf-8")

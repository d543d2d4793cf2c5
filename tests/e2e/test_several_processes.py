"""Two real processes of the bot on one database, each with shards of its own, on one playground.

A stand-in server writes for both, so that no process loads a model.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.playground import Playground
from bot.playground.gateway import GUILDS_PER_SHARD
from bot.playground.world import Channel
from tests.e2e.reading import finished, is_finished, shown_text
from tests.fakes.completions_server import DONE, Asked, CompletionsServer, event, usage
from tests.load.crowd import one_of_several

SECONDS = 60.0
ASKED = {"genre": "horror", "prompt": "The lantern burned low"}


@dataclass(frozen=True, slots=True)
class Town:
    """A playground whose bot has two shards, a server that writes, and a folder with the database."""

    playground: Playground
    writer: CompletionsServer
    folder: Path

    def process(self, shards: str, log: str = "") -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
        """Run a process of the bot that serves these shards."""
        return one_of_several(
            self.playground,
            self.folder,
            log=f"{log or shards}.log",
            SHARD_COUNT="2",
            SHARD_IDS=shards,
            STORY_ENGINE="remote",
            REMOTE_BASE_URL=self.writer.url,
            REMOTE_GENRES="horror",
        )

    def channels(self) -> tuple[Channel, Channel]:
        """Give a channel of a server on shard 0, and one on shard 1."""
        found: dict[int, Channel] = {}
        while len(found) < 2:
            guild = self.playground.add_guild(f"Server {len(self.playground.world.guilds)}")
            found[(guild.id >> 22) % 2] = self.playground.add_channel("stories", guild=guild)
        return found[0], found[1]

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "stories.sqlite3")) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Playground(shards=2, max_concurrency=2) as playground, CompletionsServer() as writer:
        yield Town(playground, writer, tmp_path)
    assert playground.unknown_routes == []
    assert playground.faults == []


async def test_each_process_answers_its_own_servers_and_the_one_with_shard_0_registers_commands(town: Town) -> None:
    async with town.process("1"):
        await town.playground.until(lambda: town.playground.gateway.sessions, SECONDS)
        assert town.playground.commands == []
        async with town.process("0"):
            await tell_a_story_on_each_shard(town)
    assert town.rows("SELECT shard FROM passages WHERE author = 'model' ORDER BY id") == [(0,), (1,)]


async def tell_a_story_on_each_shard(town: Town) -> None:
    await town.playground.bot_ready(SECONDS)
    ada = town.playground.add_user("Ada")
    for channel in town.channels():
        await finished(await town.playground.slash(ada, "story", ASKED, channel=channel))


async def test_a_process_that_starts_leaves_alone_what_another_is_writing(town: Town) -> None:
    may_end = asyncio.Event()

    async def slowly(asked: Asked) -> web.StreamResponse:
        response = await asked.stream()
        await response.write(event(" Then the door"))
        await may_end.wait()
        for part in (event(" opened."), event("", "stop"), usage(7, 3), DONE):
            await response.write(part)
        return response

    town.writer.answers.append(slowly)
    async with town.process("0"):
        await town.playground.until(lambda: town.playground.gateway.sessions and town.playground.commands, SECONDS)
        here, _ = town.channels()
        asked = await town.playground.slash(town.playground.add_user("Ada"), "story", ASKED, channel=here)
        await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message), SECONDS)
        async with town.process("1"):
            await town.playground.bot_ready(SECONDS)
        may_end.set()
        message = await asked.until(lambda shown: is_finished(shown.message) and shown.message, SECONDS)
    assert town.rows("SELECT state, text FROM passages WHERE author = 'model'") == [("done", " Then the door opened.")]
    assert shown_text(message) == "The lantern burned low Then the door opened."


async def test_a_second_bot_on_the_same_shards_is_refused_with_a_sentence_and_the_first_goes_on(town: Town) -> None:
    async with town.process("0-1"):
        await town.playground.bot_ready(SECONDS)
        async with town.process("1", log="second") as second:
            assert await asyncio.wait_for(second.wait(), SECONDS) == 69
        assert "serves shard 1 with" in (town.folder / "second.log").read_text(encoding="utf-8")
        await finished(await town.playground.slash(town.playground.add_user("Ada"), "story", ASKED))


async def test_without_a_word_about_shards_one_process_serves_as_many_as_discord_wants(town: Town) -> None:
    settings = {"STORY_ENGINE": "remote", "REMOTE_BASE_URL": town.writer.url, "REMOTE_GENRES": "horror"}
    async with one_of_several(town.playground, town.folder, **settings):
        await tell_a_story_on_each_shard(town)
        assert {session.shard for session in town.playground.gateway.sessions.values()} == {0, 1}
    assert town.playground.gateway.limits.refused == 0


@pytest.mark.parametrize(("count", "code", "sentence"), [("1", 78, "Make SHARD_COUNT=1 larger."), ("0", 69, "again")])
async def test_a_bot_on_too_many_servers_for_its_shards_ends_with_a_sentence(
    count: str, code: int, sentence: str, tmp_path: Path
) -> None:
    async with Playground() as playground, CompletionsServer() as writer:
        for number in range(GUILDS_PER_SHARD):
            playground.world.add_guild(f"Server {number}")
        settings = {"STORY_ENGINE": "remote", "REMOTE_BASE_URL": writer.url, "REMOTE_GENRES": "horror"}
        async with one_of_several(playground, tmp_path, SHARD_COUNT=count, **settings) as process:
            assert await asyncio.wait_for(process.wait(), SECONDS) == code
    last = (tmp_path / "bot.log").read_text(encoding="utf-8").splitlines()[-1]
    assert last.startswith("The bot is on so many servers that Discord wants more shards.")
    assert sentence in last

"""A stage for end-to-end tests: the real bot, logged in to a playground, with a tiny or a slow model."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from pydantic import SecretStr

from bot.app import StoryBot
from bot.config import Config
from bot.engine import make_engine
from bot.playground import Playground
from bot.playground.world import User
from bot.run import point_to_discord
from bot.store import StoryStore
from bot.storytelling.together.clock import Clock
from storygen.engine import Engine
from tests.fakes.tiny_model import TinyShape, write_tiny_checkpoint


@dataclass
class Stage:
    """A playground, and all that is needed to put a bot on it, again and again."""

    playground: Playground
    config: Config
    ada: User
    bob: User

    @asynccontextmanager
    async def bot(
        self, engine: Engine | None = None, /, *, clock: Clock | None = None, **changes: Any
    ) -> AsyncIterator[StoryBot]:
        """Run the bot inside this process until the block ends, with some of the operator's values changed.

        The model is the tiny one of the operator's values, unless another engine is given.
        """
        config = self.config.model_copy(update=changes)
        engine = engine or make_engine(config)
        async with (
            StoryStore(config.database_path) as store,
            engine,
            StoryBot(config, store, engine, clock=clock) as bot,
        ):
            running = asyncio.create_task(bot.start(self.playground.token))
            try:
                await self.playground.bot_ready()
                yield bot
            finally:
                await bot.drain()
                await bot.close()
                await running


@pytest.fixture(scope="session")
def slow_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that never ends by itself and takes some milliseconds a token, so that it can be met at work."""
    shape = TinyShape(n_positions=1024, n_embd=256, n_layer=12, n_head=4, eos_bias=-30.0)
    return write_tiny_checkpoint(tmp_path_factory.mktemp("checkpoint") / "slow", shape=shape)


@pytest.fixture
async def stage(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """A stage with the tiny model; at its end every request is held against Discord's own description.

    Its indirect parameter, where a test gives one, is the playground's clock.
    """
    # No test here is about edits a second apart, so they are closer and not limited.
    async with Playground(message_limit=1000, clock=getattr(request, "param", None)) as playground:
        config = Config(
            database_path=tmp_path / "stories.sqlite3",
            story_model=str(tiny_checkpoint),
            story_device="cpu",
            story_threads=1,
            story_dtype="float32",  # the slow model is fast in int8
            moderation="off",  # the tiny model writes noise, in which anything may stand
            discord_token=SecretStr(playground.token),
            discord_api_url=playground.api_url,
            discord_gateway_url=playground.gateway_url,
        ).model_copy(update={"edit_seconds": 0.1})
        monkeypatch.setattr(Route, "BASE", Route.BASE)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
        point_to_discord(config)
        yield Stage(playground, config, playground.add_user("Ada"), playground.add_user("Bob"))
        assert playground.unknown_routes == []
        assert playground.faults == []
        assert openapi_violations(playground) == []


def openapi_violations(playground: Playground) -> list[str]:
    """Hold what the bot sent against Discord's published description, where that is at hand."""
    folder = os.environ.get("STORYBOT_TEST_DATA")
    if not folder:
        return []  # tests/contract/test_playground_keeps_discords_rules.py says that it was skipped
    from tests.fakes.openapi import violations

    description = json.loads(Path(folder, "discord", "openapi.json").read_text(encoding="utf-8"))
    found: list[str] = violations(playground.requests, description)
    return found


__all__ = ["Stage", "openapi_violations"]

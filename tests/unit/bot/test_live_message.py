"""A message that grows, over a line that breaks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import discord
import pytest

from bot.config import Config
from bot.live_message import LAST_TRIES, show
from bot.store import StoryStore
from bot.storyteller import Storyteller
from bot.telling import Teller
from tests.fakes.scripted_engine import ScriptedEngine

ADA = Teller(user_id=1, guild_id=None, channel_id=2)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


@pytest.mark.parametrize("broken", [0, 1, LAST_TRIES - 1, LAST_TRIES])
async def test_the_end_is_tried_again_over_a_broken_line(store: StoryStore, broken: int) -> None:
    engine = ScriptedEngine([" was still."])
    telling = await Storyteller(engine, store, Config()).begin(ADA, genre="horror", prompt="The lake")
    await telling.finished()
    shown: list[str] = []
    left = [aiohttp.ServerDisconnectedError(), OSError("no route"), TimeoutError()][:broken]

    async def edit(
        *, content: str | None, embeds: list[discord.Embed], view: discord.ui.View | None
    ) -> discord.Message:
        assert content is None
        assert view is not None
        if len(view.children) == 1:  # Stop: it still grows
            raise OSError("no route")
        if left:
            raise left.pop()
        shown.append(embeds[0].description or "")
        return None  # type: ignore[return-value]  # a message that is gone, of which nothing else is wanted

    async def remember(_channel_id: int, _message_id: int) -> None:
        raise AssertionError("nothing was shown before the end")

    passage = await show(telling, edit, edit_seconds=0, status=engine.status, genres=engine.genres, remember=remember)
    assert passage is not None
    assert shown == ["**The lake** was still."] * (broken < LAST_TRIES)

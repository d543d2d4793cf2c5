"""A message that grows, over a line that breaks, to an end that is always shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import discord
import pytest

from bot.config import Config
from bot.look.live_message import LAST_TRIES, show
from bot.look.screens import Screen
from bot.store import StoryStore
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller, Telling
from storygen.errors import EngineFailed
from tests.fakes.scripted_engine import ScriptedEngine

ADA = Teller(user_id=1, guild_id=None, channel_id=2)
GROWING, ENDED = "grows", "ended"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


class Message:
    """What is seen of a message over a line on which ``fault`` decides what breaks."""

    def __init__(self, fault: Callable[[str], Exception | None]) -> None:
        self.seen: list[str] = []
        self.kept: list[str] = []
        self.errors: list[Exception | None] = []
        self._fault = fault

    async def edit(
        self, *, content: str | None, embeds: list[discord.Embed], view: discord.ui.View | None
    ) -> discord.Message:
        shown = GROWING if view is not None and embeds else ENDED
        error = self._fault(shown)
        if error is not None:
            raise error
        self.seen.append(content or shown)
        return None  # type: ignore[return-value]  # a message that is gone, of which nothing else is wanted

    async def end(self, error: Exception | None) -> Screen:
        self.errors.append(error)
        return Screen(content=None, embeds=[], view=None)

    async def keep(self, text: str) -> None:
        self.kept.append(text)

    async def remember(self, message: discord.Message) -> None:
        raise AssertionError(f"no message was given, but {message.id}")


async def shown(telling: Telling, message: Message, engine: ScriptedEngine) -> None:
    await show(
        telling,
        message.edit,
        end=message.end,
        edit_seconds=0,
        status=engine.status,
        remember=message.remember,
        keep=message.keep,
    )


@pytest.mark.parametrize("broken", [0, 1, LAST_TRIES - 1, LAST_TRIES])
async def test_the_end_is_tried_again_over_a_broken_line(store: StoryStore, broken: int) -> None:
    engine = ScriptedEngine([" was still."])
    telling = await Storyteller(engine, store, Config()).begin(ADA, genre="horror", prompt="The lake")
    left: list[Exception] = [aiohttp.ServerDisconnectedError(), OSError("no route"), TimeoutError()][:broken]

    def fault(what: str) -> Exception | None:
        if what == GROWING:
            return OSError("no route")
        return left.pop() if left else None

    message = Message(fault)
    await shown(telling, message, engine)
    assert message.seen == [ENDED] * (broken < LAST_TRIES)
    assert message.errors == [None]


async def test_what_is_a_sentence_for_people_is_shown_and_not_raised(store: StoryStore) -> None:
    engine = ScriptedEngine([EngineFailed("nobody")])
    telling = await Storyteller(engine, store, Config()).begin(ADA, genre="horror", prompt="The lake")
    message = Message(lambda _: None)
    await shown(telling, message, engine)
    assert (message.seen[-1], type(message.errors[0])) == (ENDED, EngineFailed)


async def test_a_fault_is_raised_once_the_message_shows_its_end(store: StoryStore) -> None:
    engine = ScriptedEngine([RuntimeError("a fault")])
    telling = await Storyteller(engine, store, Config()).begin(ADA, genre="horror", prompt="The lake")
    message = Message(lambda _: None)
    with pytest.raises(RuntimeError):
        await shown(telling, message, engine)
    assert message.seen[-1] == ENDED


async def test_a_message_shows_its_end_also_where_the_bot_ends_before_the_model_does(store: StoryStore) -> None:
    engine = ScriptedEngine(deaf=True)
    storyteller = Storyteller(engine, store, Config())
    telling = await storyteller.begin(ADA, genre="horror", prompt="The lake")
    message = Message(lambda _: None)
    showing = asyncio.create_task(shown(telling, message, engine))
    await asyncio.sleep(0)
    await storyteller.close(0.01)
    await asyncio.wait_for(showing, 5)
    assert (message.seen[-1], message.errors) == (ENDED, [None])


async def test_who_stops_showing_is_not_held_up(store: StoryStore) -> None:
    engine = ScriptedEngine(deaf=True)
    storyteller = Storyteller(engine, store, Config())
    telling = await storyteller.begin(ADA, genre="horror", prompt="The lake")
    showing = asyncio.create_task(shown(telling, Message(lambda _: OSError("no route")), engine))
    await asyncio.sleep(0)
    showing.cancel()
    await asyncio.wait([showing], timeout=5)
    assert showing.cancelled()
    await storyteller.close(0.01)

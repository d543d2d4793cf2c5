"""Nobody can hold the queue: turns of the real engine, counted, not timed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.config import Config
from bot.errors import TooManyStories
from bot.store import StoryStore
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller
from storygen.engines.local import LocalEngine
from tests.load.fairness.crowds import (
    BIG,
    HOG,
    OTHERS,
    REQUESTS,
    SMALL,
    many_against_few,
    one_against_ten,
    tell_all,
    turns,
)


@asynccontextmanager
async def engine_of(checkpoint: Path, queue_limit: int = 200, queue_share: float = 1.0) -> AsyncIterator[LocalEngine]:
    async with LocalEngine(
        str(checkpoint), rows=1, threads=1, queue_limit=queue_limit, queue_share=queue_share
    ) as engine:
        yield engine


async def test_ten_people_with_one_story_each_pass_a_hundred_of_somebody_who_was_there_before(
    tiny_checkpoint: Path,
) -> None:
    async with engine_of(tiny_checkpoint) as engine:
        served = await turns(engine, one_against_ten())
    by_user = {turn.user: turn for turn in served if turn.user != HOG}
    assert [by_user[user].turn for user in OTHERS] == list(range(2, 12))  # first come first served: 101 to 110
    assert [by_user[user].place for user in OTHERS] == list(range(2, 12))  # and they were told so at once
    assert [turn.turn for turn in served if turn.user == HOG] == [1, *range(12, REQUESTS + 11)]  # none is lost


async def test_the_bot_lets_one_person_ask_for_two_at_once_and_the_others_come_between(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    async with engine_of(tiny_checkpoint) as engine, StoryStore.open(tmp_path / "stories.sqlite3") as store:
        config = Config(moderation="off", stories_per_user=2)
        order, refused = await tell_all(Storyteller(engine, store, config), engine)
    assert refused == REQUESTS - 2
    assert order[: 1 + len(OTHERS)] == [HOG, *OTHERS]


async def test_a_server_with_few_people_waits_no_longer_for_one_with_many(tiny_checkpoint: Path) -> None:
    async with engine_of(tiny_checkpoint) as engine:
        served = await turns(engine, many_against_few(many=40, few=2))
    assert [turn.turn for turn in served if turn.group == SMALL] == [2, 4]


async def test_one_server_can_fill_no_more_than_its_share_of_the_queue(tiny_checkpoint: Path) -> None:
    async with engine_of(tiny_checkpoint, queue_limit=20, queue_share=0.5) as engine:
        served = await turns(engine, many_against_few(many=40, few=2))
    assert [sum(turn.group == group for turn in served) for group in (BIG, SMALL)] == [10, 2]


async def test_one_person_can_not_hold_the_queue_from_many_servers_either(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    async with engine_of(tiny_checkpoint) as engine, StoryStore.open(tmp_path / "stories.sqlite3") as store:
        storyteller = Storyteller(engine, store, Config(moderation="off", stories_per_user=2))
        engine.pause()
        for server in (1, 2):
            await storyteller.begin(Teller(user_id=HOG, guild_id=server, channel_id=1), genre="drama")
        with pytest.raises(TooManyStories):
            await storyteller.begin(Teller(user_id=HOG, guild_id=3, channel_id=1), genre="drama")
        other = await storyteller.begin(Teller(user_id=2, guild_id=4, channel_id=1), genre="drama")
        assert other.generation.position == 3
        await storyteller.close(0)

"""The 3 seconds to acknowledge and the 15 minutes of a token, on a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable

import discord
import pytest

from bot.playground import ManualClock, Playground, PlaygroundRefused
from tests.unit.playground.small_bot import Asked, SmallBot, running


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def playground(clock: ManualClock) -> AsyncIterator[Playground]:
    async with Playground(clock=clock, message_limit=50) as playground:
        yield playground


@pytest.fixture
async def bot(playground: Playground) -> AsyncIterator[SmallBot]:
    async with running(playground) as bot:
        yield bot


async def test_after_three_seconds_a_first_response_is_too_late(
    playground: Playground, bot: SmallBot, clock: ManualClock
) -> None:
    async def dawdle(asked: Asked) -> None:
        clock.advance(3)
        await asked.response.send_message("too late")

    with pytest.raises(discord.NotFound) as caught:
        await bot.attempt(playground, dawdle)
    assert caught.value.code == 10062
    (shown,) = playground.interactions
    assert shown.failed == "The application did not respond"
    assert playground.messages() == []
    with pytest.raises(TimeoutError, match="did not respond"):
        await shown.acknowledged()


async def test_just_before_three_seconds_it_is_in_time(
    playground: Playground, bot: SmallBot, clock: ManualClock
) -> None:
    async def hurry(asked: Asked) -> None:
        clock.advance(2.9)
        await asked.response.send_message("in time")

    await bot.attempt(playground, hurry)
    (shown,) = playground.interactions
    assert shown.acknowledged_after == pytest.approx(2.9, abs=0.01)
    clock.advance(10)
    assert shown.failed is None


async def test_without_a_bot_the_application_did_not_respond(playground: Playground, clock: ManualClock) -> None:
    async with running(playground):
        pass
    shown = await playground.slash(playground.add_user("Ada"), "say", {"text": "anyone?"})
    clock.advance(3)
    assert shown.failed == "The application did not respond"


async def test_suggestions_that_do_not_come_fail(playground: Playground, clock: ManualClock) -> None:
    async with running(playground):
        pass
    ada = playground.add_user("Ada")

    async def tick() -> None:
        clock.advance(3)

    async with asyncio.TaskGroup() as group:
        asking = group.create_task(_refused(playground.autocomplete(ada, "books read", "title", "bat")))
        group.create_task(tick())
    assert asking.result() == "Loading options failed"


async def _refused(doing: Awaitable[object]) -> str:
    with pytest.raises(PlaygroundRefused) as caught:
        await doing
    return str(caught.value)


async def test_a_second_first_response_is_refused(playground: Playground, bot: SmallBot) -> None:
    async def answer_twice(asked: Asked) -> None:
        await asked.response.send_message("one")
        asked.response._response_type = None
        await asked.response.send_message("two")

    with pytest.raises(discord.HTTPException) as caught:
        await bot.attempt(playground, answer_twice)
    assert caught.value.code == 40060
    assert [m.content for m in playground.messages()] == ["one"]


async def test_a_follow_up_before_the_first_response_is_refused(playground: Playground, bot: SmallBot) -> None:
    async def follow(asked: Asked) -> None:
        await asked.followup.send("too early")

    with pytest.raises(discord.NotFound) as caught:
        await bot.attempt(playground, follow)
    assert caught.value.code == 10015


async def test_after_fifteen_minutes_the_token_is_worth_nothing(
    playground: Playground, bot: SmallBot, clock: ManualClock
) -> None:
    async def edit_late(asked: Asked) -> None:
        await asked.response.send_message("a story")
        clock.advance(15 * 60 - 1)
        await asked.edit_original_response(content="in time")
        clock.advance(1)
        await asked.edit_original_response(content="too late")

    with pytest.raises(discord.HTTPException) as caught:
        await bot.attempt(playground, edit_late)
    assert (caught.value.status, caught.value.code) == (401, 50027)
    assert [m.content for m in playground.messages()] == ["in time"]


async def test_an_expired_story_can_still_be_edited_as_a_normal_message(
    playground: Playground, bot: SmallBot, clock: ManualClock
) -> None:
    async def edit_by_channel(asked: Asked) -> None:
        await asked.response.send_message("a story")
        clock.advance(15 * 60)
        channel = asked.client.get_partial_messageable(playground.channel.id)
        await channel.get_partial_message(playground.messages()[0].id).edit(content="a longer story")

    await bot.attempt(playground, edit_by_channel)
    assert [m.content for m in playground.messages()] == ["a longer story"]


async def test_an_ephemeral_message_can_not_be_reached_through_its_channel(
    playground: Playground, bot: SmallBot
) -> None:
    async def edit_by_channel(asked: Asked) -> None:
        await asked.response.send_message("psst", ephemeral=True)
        channel = asked.client.get_partial_messageable(playground.channel.id)
        await channel.get_partial_message(next(iter(playground.world.messages))).edit(content="louder")

    with pytest.raises(discord.NotFound) as caught:
        await bot.attempt(playground, edit_by_channel)
    assert caught.value.code == 10008


async def test_a_user_installed_app_has_five_follow_ups(playground: Playground, bot: SmallBot) -> None:
    channel = playground.add_channel("elsewhere", guild=playground.add_guild("Not installed", installed=False))

    async def follow(asked: Asked) -> None:
        await asked.response.send_message("one")
        for number in range(6):
            await asked.followup.send(f"{number}")

    bot.ask = follow
    await playground.slash(playground.add_user("Ada"), "do", channel=channel, unchecked=True)
    await asyncio.wait_for(bot.done.wait(), 10)
    assert bot.outcome is not None
    error = bot.outcome.exception()
    assert isinstance(error, discord.HTTPException)
    assert error.code == 40094
    assert len(playground.messages(channel)) == 6


async def test_two_hundred_commands_a_day_can_be_created(
    playground: Playground, bot: SmallBot, clock: ManualClock
) -> None:
    async def register(names: range) -> None:
        body = [{"name": f"c{number}", "description": "x", "type": 1} for number in names]
        await bot.http.bulk_upsert_global_commands(playground.application_id, body)

    await register(range(100))
    with pytest.raises(discord.HTTPException) as caught:
        await register(range(100, 200))
    assert caught.value.code == 30034
    clock.advance(24 * 60 * 60 + 1)
    await register(range(100, 200))
    assert len(playground.commands) == 100

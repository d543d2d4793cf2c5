"""The gateway: logging in, dropping out, coming back."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import aiohttp
import discord
import pytest

from bot.playground import Playground, PlaygroundRefused, User
from bot.playground.gateway import HEARTBEAT_INTERVAL, LATE_SECONDS, ROUND_TRIP_SECONDS
from tests.unit.playground.small_bot import SmallBot, running


async def test_a_dropped_bot_resumes_and_gets_what_it_missed(playground: Playground, bot: SmallBot, ada: User) -> None:
    await playground.disconnect_bot()
    shown = await playground.slash(ada, "say", {"text": "missed"})
    await shown.acknowledged()
    assert bot.resumed.is_set()
    assert (playground.gateway.identifies, playground.gateway.resumes) == (1, 1)


async def test_a_bot_that_is_asked_to_reconnect_does(playground: Playground, bot: SmallBot) -> None:
    await playground.disconnect_bot(ask=True)
    await asyncio.wait_for(bot.resumed.wait(), 10)
    await playground.bot_ready(timeout=10)
    assert playground.gateway.identifies == 1


async def test_a_lost_session_is_identified_anew(playground: Playground, bot: SmallBot, ada: User) -> None:
    await playground.disconnect_bot(session_lost=True)
    await playground.bot_ready(timeout=10)
    assert playground.gateway.identifies == 2
    await (await playground.slash(ada, "say", {"text": "back"})).acknowledged()
    assert not bot.resumed.is_set()


async def test_each_shard_gets_its_own_guilds() -> None:
    async with Playground(shards=2) as playground:
        guilds = [playground.guild, *(playground.add_guild(f"guild {number}") for number in range(3))]
        async with running(playground, shards=2) as bot:
            for guild in guilds:
                channel = playground.add_channel("tales", guild=guild)
                shown = await playground.slash(playground.add_user("Ada"), "say", {"text": "hello"}, channel=channel)
                await shown.acknowledged()
            shards = {guild.id: guild.shard_id for guild in bot.guilds}
            assert shards == {guild.id: (guild.id >> 22) % 2 for guild in guilds}
            assert set(shards.values()) == {0, 1}
            for session in playground.gateway.sessions.values():
                asked = [sent["d"]["guild_id"] for sent in session._sent if sent["t"] == "INTERACTION_CREATE"]
                assert asked
                assert {shards[int(guild_id)] for guild_id in asked} == {session.shard}


async def test_a_wrong_token_is_refused(playground: Playground) -> None:
    playground.token = "wrong"  # noqa: S105 -- it is meant to be wrong
    with pytest.raises(discord.LoginFailure):
        async with running(playground):
            pass


async def test_privileged_intents_are_refused(playground: Playground) -> None:
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(playground, intents=discord.Intents.all()) as bot:
            await playground.until(bot.is_closed)


async def _first_answers(playground: Playground, *sent: dict[str, Any]) -> tuple[list[Any], int | None]:
    """Everything that a bare websocket is told after it said this, and the code that it was closed with."""
    async with aiohttp.ClientSession() as session, session.ws_connect(playground.gateway_url) as socket:
        for payload in sent:
            await socket.send_json(payload)
        received = [json.loads(message.data) async for message in socket if isinstance(message.data, str)]
        return received, socket.close_code


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"op": 2, "d": {"token": "wrong", "intents": 1}}, 4004),
        ({"op": 6, "d": {"token": "wrong", "session_id": "x", "seq": 1}}, 4004),
        ({"op": 3, "d": {}}, 4003),
        ({"no": "op"}, 4002),
    ],
)
async def test_what_a_gateway_does_not_accept_closes_it(
    playground: Playground, payload: dict[str, Any], code: int
) -> None:
    received, closed_with = await _first_answers(playground, payload)
    assert received[0]["op"] == 10
    assert closed_with == code


async def test_identifying_twice_and_wrong_shards_close_it(playground: Playground) -> None:
    identify = {"op": 2, "d": {"token": playground.token, "intents": 1}}
    _, closed_with = await _first_answers(playground, identify, identify)
    assert closed_with == 4005
    wrong = {"op": 2, "d": {"token": playground.token, "intents": 1, "shard": [2, 2]}}
    _, closed_with = await _first_answers(playground, wrong)
    assert closed_with == 4010


async def test_a_heartbeat_after_its_time_is_noted(playground: Playground) -> None:
    seconds = 100.0
    playground.gateway.monotonic = lambda: seconds
    async with aiohttp.ClientSession() as session, session.ws_connect(playground.gateway_url) as socket:
        await socket.receive_json()
        for pause in (0.0, HEARTBEAT_INTERVAL, HEARTBEAT_INTERVAL + LATE_SECONDS + 0.5):
            assert playground.late_heartbeats == []
            seconds += pause
            await socket.send_json({"op": 1, "d": None})
            assert (await socket.receive_json())["op"] == 11
    (late,) = playground.late_heartbeats
    assert late.seconds == pytest.approx(LATE_SECONDS + 0.5)


async def test_a_heartbeat_is_not_answered_before_discord_py_has_noted_that_it_was_sent(playground: Playground) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(playground.gateway_url) as socket:
        await socket.receive_json()
        sent = time.monotonic()
        await socket.send_json({"op": 1, "d": None})
        assert (await socket.receive_json())["op"] == 11
        assert time.monotonic() - sent > ROUND_TRIP_SECONDS * 0.9


async def test_presences_are_accepted(playground: Playground, bot: SmallBot) -> None:
    await bot.wait_until_ready()
    await bot.change_presence(activity=discord.Game("stories"))
    await playground.slash(playground.add_user("Ada"), "say", {"text": "hello"})
    await playground.until(lambda: playground.gateway.presences)


async def test_a_bot_is_not_ready_before_it_has_commands(playground: Playground) -> None:
    with pytest.raises(TimeoutError):
        await playground.bot_ready(timeout=0.01)
    with pytest.raises(PlaygroundRefused, match="none"):
        await playground.slash(playground.add_user("Ada"), "say")


async def test_new_guilds_and_channels_are_announced(playground: Playground, bot: SmallBot) -> None:
    guild = playground.add_guild("New")
    channel = playground.add_channel("tales", guild=guild)
    await (await playground.slash(playground.add_user("Ada"), "say", {"text": "hi"}, channel=channel)).acknowledged()
    assert bot.get_channel(channel.id) is not None


async def test_a_bot_that_left_is_gone_and_another_can_come(playground: Playground, ada: User) -> None:
    for _ in range(2):
        async with running(playground):
            with pytest.raises(TimeoutError):
                await playground.bot_gone(timeout=0.01)
            await (await playground.slash(ada, "say", {"text": "hello"})).acknowledged()
        await playground.bot_gone(timeout=10)
        assert playground.gateway.sessions == {}

"""What Discord allows in threads, with pins, and with people who have left: met by discord.py."""

from __future__ import annotations

import discord
import pytest

from bot.playground import Playground, PlaygroundRefused, User
from bot.playground.world import MANAGE_THREADS, PIN_MESSAGES, Channel
from tests.unit.playground.small_bot import SmallBot


def thread_of(playground: Playground) -> Channel:
    thread = playground.world.add_channel("The old door", kind=11, guild=playground.guild, parent=playground.channel)
    thread.app_permissions = playground.channel.app_permissions
    return thread


async def test_in_an_archived_thread_nothing_is_edited_and_a_new_message_opens_it(
    playground: Playground, bot: SmallBot
) -> None:
    thread = thread_of(playground)
    place = bot.get_partial_messageable(thread.id)
    message = await place.send("one")
    playground.archive(thread)
    with pytest.raises(discord.HTTPException) as refused:
        await message.edit(content="two")
    assert refused.value.code == 50083
    await place.send("three")
    await message.edit(content="two")
    playground.archive(thread)
    await bot.http.edit_channel(thread.id, archived=False)
    assert not thread.archived


async def test_a_locked_thread_is_opened_only_by_those_who_manage_threads(
    playground: Playground, bot: SmallBot
) -> None:
    thread = thread_of(playground)
    playground.archive(thread, locked=True)
    with pytest.raises(discord.HTTPException) as refused:
        await bot.get_partial_messageable(thread.id).send("one")
    assert refused.value.code == 160005
    thread.app_permissions |= MANAGE_THREADS
    await bot.get_partial_messageable(thread.id).send("one")


async def test_pins_take_a_permission(playground: Playground, bot: SmallBot) -> None:
    message = await bot.get_partial_messageable(playground.channel.id).send("one")
    with pytest.raises(discord.Forbidden):
        await message.pin()
    playground.channel.app_permissions |= PIN_MESSAGES
    await message.pin()
    assert [pinned.content for pinned in playground.pinned()] == ["one"]
    await message.unpin()
    assert playground.pinned() == []


async def test_who_has_left_is_no_member_and_can_use_nothing(playground: Playground, bot: SmallBot, ada: User) -> None:
    guild = bot.get_guild(playground.guild.id)
    assert guild is not None
    assert (await guild.fetch_member(ada.id)).display_name == "Ada"
    playground.leave(ada)
    with pytest.raises(discord.NotFound) as refused:
        await guild.fetch_member(ada.id)
    assert refused.value.code == 10007
    assert (await bot.fetch_user(ada.id)).display_name == "Ada"
    with pytest.raises(PlaygroundRefused, match="no longer in"):
        await playground.slash(ada, "controls")
    with pytest.raises(PlaygroundRefused, match="no longer in"):
        await playground.press(ada, playground.say(ada, "x"), "x")

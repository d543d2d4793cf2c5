"""Forums with their tags and posts, archived threads, pins, and what the bot may do in a channel."""

from __future__ import annotations

import discord
import pytest

from bot.playground import Playground
from bot.playground.world import (
    MANAGE_CHANNELS,
    MANAGE_THREADS,
    MEMBER_PERMISSIONS,
    PIN_MESSAGES,
    SEND_MESSAGES,
    VIEW_CHANNEL,
    Channel,
)
from tests.unit.playground.small_bot import SmallBot


async def seen_by(bot: SmallBot, place: Channel) -> discord.ForumChannel:
    found = await bot.fetch_channel(place.id)
    assert isinstance(found, discord.ForumChannel)
    return found


async def test_a_post_is_a_thread_whose_first_message_has_its_id(playground: Playground, bot: SmallBot) -> None:
    place = playground.add_forum("library", "Drama", "Horror")
    forum = await seen_by(bot, place)
    made = await forum.create_thread(name="Wings", content="A bat.", applied_tags=[forum.available_tags[1]])
    assert made.thread.id == made.message.id
    assert [tag.name for tag in made.thread.applied_tags] == ["Horror"]
    (message,) = playground.messages(playground.world.channels[made.thread.id])
    assert message.content == "A bat."
    assert playground.messages(place) == []


async def test_a_post_needs_words_and_has_at_most_five_tags_that_the_forum_has(
    playground: Playground, bot: SmallBot
) -> None:
    forum = await seen_by(bot, playground.add_forum("library", *"abcdef"))
    stray = discord.ForumTag(name="stray")
    stray.id = 7
    for tags, content, code in ((forum.available_tags, "x", 50035), ([stray], "x", 10087), ([], "", 50006)):
        with pytest.raises(discord.HTTPException) as refused:
            await forum.create_thread(name="Wings", content=content, applied_tags=tags)
        assert refused.value.code == code
    assert playground.world.channels_of(playground.guild) == [playground.channel, playground.world.channels[forum.id]]


async def test_a_forum_may_want_a_tag(playground: Playground, bot: SmallBot) -> None:
    forum = await seen_by(bot, playground.add_forum("library", "Drama", needs_tag=True))
    assert forum.flags.require_tag
    with pytest.raises(discord.HTTPException) as refused:
        await forum.create_thread(name="Wings", content="A bat.")
    assert refused.value.code == 40067


async def test_tags_are_made_by_those_who_manage_the_forum_up_to_twenty(playground: Playground, bot: SmallBot) -> None:
    place = playground.add_forum("library", *(f"Tag {number}" for number in range(19)))
    forum = await seen_by(bot, place)
    with pytest.raises(discord.Forbidden):
        await forum.create_tag(name="Drama")
    playground.allow_bot(place, MEMBER_PERMISSIONS | MANAGE_CHANNELS)
    made = await forum.create_tag(name="Drama")
    assert place.tags[-1]["id"] == str(made.id)
    forum = await seen_by(bot, place)
    assert len(forum.available_tags) == 20
    for name, code in (("One more", 50035), ("x" * 21, 50035)):
        with pytest.raises(discord.HTTPException) as refused:
            await forum.create_tag(name=name)
        assert refused.value.code == code


async def test_two_tags_of_one_name_are_refused(playground: Playground, bot: SmallBot) -> None:
    place = playground.add_forum("library", "Drama")
    playground.allow_bot(place, MEMBER_PERMISSIONS | MANAGE_CHANNELS)
    forum = await seen_by(bot, place)
    with pytest.raises(discord.HTTPException) as refused:
        await forum.create_tag(name="Drama")
    assert refused.value.code == 40061


async def test_nothing_is_written_in_a_forum_itself(playground: Playground, bot: SmallBot) -> None:
    place = playground.add_forum("library")
    await seen_by(bot, place)
    with pytest.raises(discord.HTTPException) as refused:
        await bot.get_partial_messageable(place.id).send("x")
    assert refused.value.code == 50008


async def test_an_archived_thread_changes_nothing_until_it_is_opened(playground: Playground, bot: SmallBot) -> None:
    forum = await seen_by(bot, playground.add_forum("library"))
    made = await forum.create_thread(name="Wings", content="A bat.")
    playground.archive_thread(playground.world.channels[made.thread.id])
    for change in (made.message.edit(content="A cat."), made.message.delete(), made.thread.edit(name="Fins")):
        with pytest.raises(discord.HTTPException) as refused:
            await change
        assert refused.value.code == 50083
    await made.thread.edit(name="Fins", archived=False)
    await made.message.edit(content="A cat.")
    assert playground.world.channels[made.thread.id].name == "Fins"


async def test_who_writes_in_an_archived_thread_opens_it(playground: Playground, bot: SmallBot) -> None:
    forum = await seen_by(bot, playground.add_forum("library"))
    made = await forum.create_thread(name="Wings", content="A bat.")
    thread = playground.world.channels[made.thread.id]
    playground.archive_thread(thread)
    await made.thread.send("More")
    assert not thread.archived


async def test_a_post_is_deleted_by_those_who_manage_threads(playground: Playground, bot: SmallBot) -> None:
    place = playground.add_forum("library")
    forum = await seen_by(bot, place)
    made = await forum.create_thread(name="Wings", content="A bat.")
    with pytest.raises(discord.Forbidden):
        await made.thread.delete()
    playground.allow_bot(place, MEMBER_PERMISSIONS | MANAGE_THREADS)
    await made.thread.delete()
    assert made.thread.id not in playground.world.channels
    assert playground.world.messages[made.message.id].deleted
    with pytest.raises(discord.NotFound):
        await bot.fetch_channel(made.thread.id)


async def test_the_bot_knows_what_it_may_in_a_channel(playground: Playground, bot: SmallBot) -> None:
    place = playground.add_forum("library")
    forum = await seen_by(bot, place)
    playground.allow_bot(place, VIEW_CHANNEL | MANAGE_THREADS)
    forum = await seen_by(bot, place)
    assert forum.permissions_for(forum.guild.me).manage_threads
    assert not forum.permissions_for(forum.guild.me).send_messages
    with pytest.raises(discord.Forbidden):
        await forum.create_thread(name="Wings", content="A bat.")
    playground.allow_bot(place, VIEW_CHANNEL | SEND_MESSAGES)
    await forum.create_thread(name="Wings", content="A bat.")


async def test_messages_are_pinned_by_those_who_may_and_listed_newest_first(
    playground: Playground, bot: SmallBot
) -> None:
    channel = bot.get_partial_messageable(playground.channel.id)
    first, second = await channel.send("one"), await channel.send("two")
    with pytest.raises(discord.Forbidden):
        await first.pin()
    playground.allow_bot(playground.channel, MEMBER_PERMISSIONS | PIN_MESSAGES)
    await first.pin()
    await second.pin()
    assert [message.content async for message in channel.pins()] == ["two", "one"]
    await first.unpin()
    assert [message.content async for message in channel.pins()] == ["two"]
    assert (await channel.fetch_message(second.id)).pinned


async def test_a_channel_has_at_most_250_pins(playground: Playground, bot: SmallBot) -> None:
    playground.allow_bot(playground.channel, MEMBER_PERMISSIONS | PIN_MESSAGES)
    for _ in range(250):
        playground.say(playground.add_user("Ada"), "x").pinned = 1.0
    message = await bot.get_partial_messageable(playground.channel.id).send("one more")
    with pytest.raises(discord.HTTPException) as refused:
        await message.pin()
    assert refused.value.code == 30003

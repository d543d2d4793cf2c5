"""Commands and what people see of the bot's answers."""

from __future__ import annotations

import asyncio
import io

import aiohttp
import discord
import pytest

from bot.playground import Playground, User
from bot.playground.client.slash_input import OptionValue
from tests.unit.playground.small_bot import Asked, SmallBot


async def test_a_command_is_answered_with_its_options(playground: Playground, bot: SmallBot, ada: User) -> None:
    options: dict[str, OptionValue] = {"text": "hello", "tone": "Loud", "times": 2, "to": ada, "share": 0.5}
    shown = await playground.slash(ada, "say", options)
    assert await shown.acknowledged() < 1
    assert shown.message is not None
    assert shown.message.content == "HELLO HELLO TO ADA AT 0.5"
    assert shown.message.author.id == playground.application_id
    assert bot.raised == []


@pytest.mark.usefixtures("bot")
async def test_an_ephemeral_answer_is_seen_only_by_who_asked(playground: Playground, ada: User) -> None:
    bob = playground.add_user("Bob")
    shown = await playground.slash(ada, "say", {"text": "psst", "private": True})
    await shown.acknowledged()
    assert [m.content for m in playground.messages(playground.channel, viewer=ada)] == ["psst"]
    assert playground.messages(playground.channel, viewer=bob) == []
    assert playground.messages(playground.channel) == []
    assert shown.message is not None
    assert shown.message.flags == 1 << 6


async def test_a_deferred_answer_thinks_then_grows_in_place(playground: Playground, bot: SmallBot, ada: User) -> None:
    shown = await playground.slash(ada, "grow")
    await shown.acknowledged()
    assert await shown.until(lambda asked: asked.thinking and asked.message is None)
    bot.may_answer.set()
    await shown.until(lambda asked: asked.followups and not asked.thinking)
    assert shown.message is not None
    assert [edit.embeds[0]["description"] for edit in playground.edits(shown.message)] == ["one", "one two"]
    assert [m.content for m in shown.followups] == ["done"]
    assert shown.followups[0].ephemeral


async def test_a_private_deferred_answer_stays_private(playground: Playground, bot: SmallBot, ada: User) -> None:
    bot.may_answer.set()
    shown = await playground.slash(ada, "grow", {"private": True})
    await shown.until(lambda asked: asked.followups)
    assert playground.messages(playground.channel) == []


async def test_the_first_follow_up_takes_the_place_of_thinking(playground: Playground, bot: SmallBot) -> None:
    async def follow(asked: Asked) -> None:
        await asked.response.defer(thinking=True)
        await asked.followup.send("first")
        await asked.followup.send("second")

    await bot.attempt(playground, follow)
    assert [m.content for m in playground.messages()] == ["first", "second"]
    (shown,) = playground.interactions
    assert shown.message is not None
    assert shown.message.content == "first"


async def test_follow_ups_and_the_original_can_be_edited_read_and_deleted(
    playground: Playground, bot: SmallBot
) -> None:
    async def juggle(asked: Asked) -> str:
        await asked.response.send_message("original")
        follow = await asked.followup.send("follow", wait=True)
        await follow.edit(content="changed")
        again = await asked.followup.fetch_message(follow.id)
        await asked.delete_original_response()
        return again.content

    assert await bot.attempt(playground, juggle) == "changed"
    assert [m.content for m in playground.messages()] == ["changed"]
    assert playground.interactions[0].message is None


async def test_a_file_comes_along_and_can_be_downloaded(playground: Playground, bot: SmallBot, ada: User) -> None:
    shown = await playground.slash(ada, "file")
    await shown.acknowledged()
    assert shown.message is not None
    (attachment,) = shown.message.attachments
    assert (attachment.filename, attachment.data) == ("tale.txt", b"once")

    async def read(asked: Asked) -> bytes:
        await asked.response.defer()
        channel = asked.client.get_partial_messageable(playground.channel.id)
        message = await channel.fetch_message(shown.message.id)  # type: ignore[union-attr]
        async with aiohttp.ClientSession() as session, session.get(message.attachments[0].url) as response:
            return await response.read()

    assert await bot.attempt(playground, read) == b"once"


async def test_suggestions_come_while_a_person_types(playground: Playground, bot: SmallBot, ada: User) -> None:
    choices = await playground.autocomplete(ada, "books read", "title", "bat", {"shelf": "left"})
    assert [choice["value"] for choice in choices] == ["The Bat", "Batteries not included"]
    assert bot.raised == []


@pytest.mark.usefixtures("bot")
async def test_a_value_that_was_not_suggested_can_be_sent(playground: Playground, ada: User) -> None:
    shown = await playground.slash(ada, "books read", {"title": "Forged"})
    await shown.acknowledged()
    assert shown.message is not None
    assert shown.message.content == "reading Forged"


@pytest.mark.usefixtures("bot")
async def test_the_menu_of_a_message_has_the_bots_entry(playground: Playground, ada: User) -> None:
    shown = await playground.menu(ada, "Quote", playground.say(ada, "once upon a time"))
    await shown.acknowledged()
    assert shown.message is not None
    assert shown.message.content == "> once upon a time"


@pytest.mark.usefixtures("bot")
async def test_commands_work_in_direct_messages(playground: Playground, ada: User) -> None:
    direct = playground.direct_channel(ada)
    shown = await playground.slash(ada, "say", {"text": "hello"}, channel=direct)
    await shown.acknowledged()
    assert [m.content for m in playground.messages(direct)] == ["hello"]
    assert playground.messages() == []
    assert playground.direct_channel(ada) is direct


async def test_the_bot_writes_edits_and_deletes_ordinary_messages(playground: Playground, bot: SmallBot) -> None:
    async def write(asked: Asked) -> None:
        await asked.response.defer()
        channel = asked.client.get_partial_messageable(playground.channel.id)
        kept, gone = await channel.send("kept"), await channel.send("gone")
        await kept.edit(content="kept and changed")
        await kept.add_reaction("♥")
        await gone.delete()
        async with channel.typing():
            newest = await anext(channel.history())
            assert newest.id == playground.messages()[-1].id

    await bot.attempt(playground, write)
    thinking, kept = playground.messages()
    assert thinking.loading
    assert kept.content == "kept and changed"
    assert [edit.content for edit in playground.edits(kept)] == ["kept", "kept and changed"]
    assert kept.reactions == {"♥": {playground.application_id}}


async def test_the_bot_opens_a_thread_and_writes_in_it(playground: Playground, bot: SmallBot) -> None:
    async def start(asked: Asked) -> str:
        await asked.response.send_message("the tale")
        message = await asked.original_response()
        channel = asked.client.get_channel(playground.channel.id)
        assert isinstance(channel, discord.TextChannel)
        thread = await channel.get_partial_message(message.id).create_thread(name="A tale")
        return (await thread.send("in the thread")).content

    assert await bot.attempt(playground, start) == "in the thread"


async def test_mentions_notify_only_whom_the_bot_allows(playground: Playground, bot: SmallBot, ada: User) -> None:
    text = f"<@{ada.id}> @everyone"

    async def mention(asked: Asked) -> None:
        await asked.response.send_message(text, allowed_mentions=discord.AllowedMentions.none())
        await asked.followup.send(text)
        channel = asked.client.get_partial_messageable(playground.channel.id)
        await channel.send(text)

    await bot.attempt(playground, mention)
    assert [(m.mentions, m.mention_everyone) for m in playground.messages()] == [
        ([], False),
        ([ada], False),
        ([ada], True),
    ]


async def test_a_moderator_deletes_a_message_and_edits_of_it_fail(playground: Playground, bot: SmallBot) -> None:
    async def edit_after(asked: Asked) -> None:
        await asked.response.send_message("short-lived")
        playground.delete_message(playground.messages()[0])
        await asked.edit_original_response(content="too late")

    with pytest.raises(discord.NotFound) as caught:
        await bot.attempt(playground, edit_after)
    assert caught.value.code == 10008


async def test_a_channel_where_the_bot_may_not_write_refuses_its_messages(
    playground: Playground, bot: SmallBot
) -> None:
    quiet = playground.add_channel("quiet")
    quiet.app_permissions = 1 << 10

    async def send(asked: Asked) -> None:
        await asked.client.get_partial_messageable(quiet.id).send("hello")

    with pytest.raises(discord.Forbidden) as caught:
        await bot.attempt(playground, send)
    assert caught.value.code == 50013


async def test_waiting_ends_at_its_timeout(playground: Playground, bot: SmallBot, ada: User) -> None:
    shown = await playground.slash(ada, "grow")
    await shown.acknowledged()
    with pytest.raises(TimeoutError):
        await shown.until(lambda asked: asked.message, timeout=0.01)
    bot.may_answer.set()
    await shown.until(lambda asked: asked.followups)


async def test_twenty_people_at_once_are_all_answered(playground: Playground, bot: SmallBot) -> None:
    people = [playground.add_user(f"user {number}") for number in range(20)]
    shown = await asyncio.gather(*(playground.slash(user, "say", {"text": user.name}) for user in people))
    await asyncio.gather(*(asked.acknowledged() for asked in shown))
    assert [asked.message.content for asked in shown if asked.message] == [user.name for user in people]
    assert bot.raised == []


async def test_every_request_is_on_record(playground: Playground, bot: SmallBot, ada: User) -> None:
    shown = await playground.slash(ada, "say", {"text": "hello"})
    await shown.until(lambda asked: asked.message)
    last = playground.requests[-1]
    assert (last.method, last.route, last.status) == (
        "POST",
        "/interactions/{interaction_id}/{token}/callback",
        200,
    )
    assert last.json["data"]["content"] == "hello"
    assert last.at >= shown.created
    assert bot.raised == []


async def test_an_unknown_route_is_refused_and_remembered() -> None:
    async with Playground() as playground, aiohttp.ClientSession() as session:
        async with session.get(f"{playground.api_url}/guilds/1/emojis") as response:
            assert response.status == 404
            assert (await response.json())["code"] == 0
        assert playground.unknown_routes == ["GET /api/v10/guilds/1/emojis"]


async def test_the_bot_is_told_that_its_answer_is_private(playground: Playground, bot: SmallBot) -> None:
    async def look(asked: Asked) -> bool:
        await asked.response.send_message("psst", ephemeral=True)
        return (await asked.original_response()).flags.ephemeral

    assert await bot.attempt(playground, look)


async def test_an_attachment_stays_through_an_edit_until_it_is_taken_away(
    playground: Playground, bot: SmallBot
) -> None:
    async def edit(asked: Asked) -> None:
        await asked.response.send_message("a file", file=discord.File(io.BytesIO(b"once"), "tale.txt"))
        await asked.edit_original_response(content=None)
        assert [attachment.filename for attachment in playground.messages()[0].attachments] == ["tale.txt"]
        await asked.edit_original_response(content="no file", attachments=[])

    await bot.attempt(playground, edit)
    (message,) = playground.messages()
    assert (message.content, message.attachments) == ("no file", [])

"""The menus of messages and people, in servers, in direct messages and as an app of one's own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.playground import Playground, PlaygroundRefused, User
from bot.playground.interactions import Interaction
from bot.playground.payloads import message_json
from tests.unit.playground.small_bot import Asked, SmallBot

pytestmark = pytest.mark.usefixtures("bot")


async def said(asked: Interaction) -> str:
    await asked.acknowledged()
    assert asked.message is not None
    return asked.message.content


async def test_a_persons_menu_gives_the_bot_a_member_in_a_server_and_a_user_elsewhere(
    playground: Playground, bot: SmallBot, ada: User
) -> None:
    bob = playground.add_user("Bob")
    assert await said(await playground.menu(ada, "Greet", bob)) == "Hello Bob, Member"
    direct = playground.direct_channel(ada)
    assert await said(await playground.menu(ada, "Greet", bob, channel=direct)) == "Hello Bob, User"
    assert bot.raised == []


async def test_a_messages_menu_works_in_direct_messages(playground: Playground, ada: User) -> None:
    message = playground.say(ada, "once", channel=playground.direct_channel(ada))
    asked = await playground.menu(ada, "Quote", message)
    assert await said(asked) == "> once"
    assert playground.messages(message.channel)[-1] is asked.message


async def test_a_menu_can_open_a_form(playground: Playground, ada: User) -> None:
    asked = await playground.menu(ada, "Improve", playground.say(ada, "Zoe"))
    await asked.acknowledged()
    assert await said(await playground.submit(ada, asked, {"mood": ["Sad"]})) == "Zoe is Sad"


async def test_the_answer_says_what_it_was_aimed_at(playground: Playground, ada: User) -> None:
    message = playground.say(ada, "once")
    asked = await playground.menu(ada, "Quote", message)
    await asked.acknowledged()
    assert asked.message is not None
    answer = message_json(playground.world, asked.message, "")
    assert answer["type"] == 23
    assert answer["interaction_metadata"]["target_message_id"] == str(message.id)


async def test_an_entry_is_offered_only_where_it_is_meant(playground: Playground, ada: User) -> None:
    quote = next(command for command in playground.commands if command["name"] == "Quote")
    quote["contexts"] = [0]
    with pytest.raises(PlaygroundRefused, match="direct messages"):
        await playground.menu(ada, "Quote", playground.say(ada, "a", channel=playground.direct_channel(ada)))


@pytest.mark.parametrize("name", ["Greet", "quote", "Burn"])
async def test_a_message_has_only_the_entries_for_messages(playground: Playground, ada: User, name: str) -> None:
    with pytest.raises(PlaygroundRefused, match="there are Quote, Improve"):
        await playground.menu(ada, name, playground.say(ada, "a"))


async def test_what_only_one_person_sees_has_no_menu(playground: Playground, ada: User) -> None:
    shown = await playground.slash(ada, "say", {"text": "psst", "private": True})
    await shown.acknowledged()
    assert shown.message is not None
    with pytest.raises(PlaygroundRefused, match="no menu"):
        await playground.menu(ada, "Quote", shown.message)
    with pytest.raises(PlaygroundRefused, match="can't see"):
        await playground.menu(playground.add_user("Bob"), "Quote", shown.message)


async def test_the_bot_is_told_who_has_installed_it_where(playground: Playground, bot: SmallBot, ada: User) -> None:
    zoe = playground.add_user("Zoe", installed=True)
    group = playground.add_group("Friends", ada, zoe)
    elsewhere = playground.add_channel("chat", guild=playground.add_guild("Elsewhere", installed=False))
    for command in playground.commands:
        command["integration_types"] = [0, 1]
    told: list[tuple[bool, bool]] = []
    contexts: list[Sequence[int]] = []

    async def tell(asked: Asked) -> None:
        told.append((asked.is_guild_integration(), asked.is_user_integration()))
        contexts.append(asked.context.to_array())
        await asked.response.send_message("told")

    bot.ask = tell
    for channel in (playground.channel, playground.direct_channel(zoe), elsewhere, group):
        bot.done.clear()
        await playground.slash(zoe, "do", channel=channel)
        await bot.done.wait()
    assert told == [(True, True), (False, True), (False, True), (False, True)]
    assert contexts == [[0], [1], [0], [2]]


async def test_in_a_conversation_without_the_bot_it_is_used_as_ones_own_app(
    playground: Playground, bot: SmallBot, ada: User
) -> None:
    group = playground.add_group("Friends", ada, playground.add_user("Bob"))
    message = playground.say(ada, "once", channel=group)
    with pytest.raises(PlaygroundRefused, match="installed the app for themselves"):
        await playground.menu(ada, "Quote", message)
    for command in playground.commands:
        command["integration_types"] = [0, 1]
    assert await said(await playground.menu(ada, "Quote", message)) == "> once"
    assert bot.raised == []


async def test_without_the_permission_for_external_apps_all_answers_are_for_oneself(
    playground: Playground, bot: SmallBot
) -> None:
    channel = playground.add_channel("chat", guild=playground.add_guild("Elsewhere", installed=False))
    eve = playground.add_user("Eve", permissions=1 << 10)

    async def answer(asked: Asked) -> None:
        await asked.response.defer()
        await asked.edit_original_response(content="one")
        await asked.followup.send("two")

    bot.ask = answer
    await playground.slash(eve, "do", channel=channel, unchecked=True)
    await bot.done.wait()
    assert bot.outcome is not None
    assert bot.outcome.exception() is None
    assert playground.messages(channel, viewer=None) == []
    assert [(m.content, m.ephemeral) for m in playground.messages(channel, viewer=eve)] == [
        ("one", True),
        ("two", True),
    ]

"""Roles of a server, and what selects and options of people, roles and channels name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
import pytest

from bot.playground import Playground, PlaygroundRefused, User
from bot.playground.terminal.markdown import styled
from bot.playground.web.view import surroundings
from bot.playground.world import MANAGER_PERMISSIONS
from tests.unit.playground.small_bot import SmallBot

Asked = discord.Interaction[Any]


async def shown_select(
    playground: Playground, bot: SmallBot, select: discord.ui.Item[Any], found: list[Any]
) -> discord.ui.View:
    """Let the bot show a select, and note what is chosen in it."""
    view = discord.ui.View(timeout=None)

    async def note(asked: Asked) -> None:
        found.append([getattr(value, "name", value) for value in select.values])  # type: ignore[attr-defined]
        await asked.response.defer()

    select.callback = note  # type: ignore[method-assign,assignment]
    view.add_item(select)

    async def show(asked: Asked) -> None:
        await asked.response.send_message("choose", view=view)

    await bot.attempt(playground, show)
    return view


async def test_a_bot_knows_a_servers_roles_and_who_has_them(playground: Playground, bot: SmallBot, ada: User) -> None:
    playground.add_role("Writers", ada)
    found: list[list[str]] = []

    async def look(asked: Asked) -> None:
        assert isinstance(asked.user, discord.Member)
        found.append([each.name for each in asked.user.roles])
        await asked.response.defer()

    bot.ask = look
    await (await playground.slash(ada, "do")).acknowledged()
    assert found == [["@everyone", "Writers"]]
    guild = await bot.fetch_guild(playground.guild.id)
    assert [each.name for each in await guild.fetch_roles()] == ["@everyone", "Writers"]
    assert [each.name for each in (await guild.fetch_member(ada.id)).roles] == ["@everyone", "Writers"]


async def test_a_role_belongs_to_one_server(playground: Playground, bot: SmallBot, ada: User) -> None:
    other = playground.add_guild("Other")
    playground.add_role("Writers", ada, guild=other)
    guild = await bot.fetch_guild(playground.guild.id)
    assert [each.name for each in (await guild.fetch_member(ada.id)).roles] == ["@everyone"]


@pytest.mark.parametrize(
    ("make", "values", "names"),
    [
        (
            lambda: discord.ui.RoleSelect(custom_id="s", max_values=2),
            ["Writers", "@everyone"],
            ["Writers", "@everyone"],
        ),
        (lambda: discord.ui.ChannelSelect(custom_id="s"), ["side"], ["side"]),
        (lambda: discord.ui.UserSelect(custom_id="s", min_values=0), [], []),
        (lambda: discord.ui.MentionableSelect(custom_id="s"), ["Writers"], ["Writers"]),
    ],
)
async def test_a_select_names_what_is_there(
    playground: Playground, bot: SmallBot, make: Callable[[], Any], values: list[str], names: list[str]
) -> None:
    playground.add_role("Writers")
    playground.add_channel("side")
    found: list[Any] = []
    await shown_select(playground, bot, make(), found)
    ada = playground.add_user("Ada")
    await (await playground.select(ada, playground.messages()[-1], "s", values)).acknowledged()
    assert sorted(found[0]) == sorted(names)


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (lambda: discord.ui.RoleSelect(custom_id="s"), "Ada"),
        (lambda: discord.ui.RoleSelect(custom_id="s"), "1234"),
        (lambda: discord.ui.UserSelect(custom_id="s"), "Writers"),
        (lambda: discord.ui.ChannelSelect(custom_id="s", channel_types=[discord.ChannelType.voice]), "side"),
        (lambda: discord.ui.ChannelSelect(custom_id="s"), "elsewhere"),
    ],
)
async def test_a_select_offers_nothing_of_another_kind_or_server(
    playground: Playground, bot: SmallBot, ada: User, make: Callable[[], Any], value: str
) -> None:
    playground.add_role("Writers")
    playground.add_channel("side")
    playground.add_channel("elsewhere", guild=playground.add_guild("Elsewhere"))
    await shown_select(playground, bot, make(), [])
    with pytest.raises(PlaygroundRefused, match="not offered"):
        await playground.select(ada, playground.messages()[-1], "s", [value])


async def test_what_is_chosen_beforehand_comes_back_as_discord_gives_it(playground: Playground, bot: SmallBot) -> None:
    channel = playground.channel
    chosen = discord.SelectDefaultValue(id=channel.id, type=discord.SelectDefaultValueType.channel)
    await shown_select(playground, bot, discord.ui.ChannelSelect(custom_id="s", default_values=[chosen]), [])
    select = playground.messages()[-1].components[0]["components"][0]
    assert select["default_values"] == [{"id": str(channel.id), "type": "channel"}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": 6, "default_values": [{"id": "1", "type": "user"}]},
        {"type": 8, "default_values": [{"id": "1", "type": "channel"}, {"id": "2", "type": "channel"}]},
        {"type": 8, "min_values": 2, "max_values": 3, "default_values": [{"id": "1", "type": "channel"}]},
    ],
)
async def test_wrong_default_values_are_refused(playground: Playground, bot: SmallBot, wrong: dict[str, Any]) -> None:
    row = {"type": 1, "components": [{"custom_id": "s", **wrong}]}
    with pytest.raises(discord.HTTPException) as caught:
        await bot.http.request(
            discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=playground.channel.id),
            json={"content": "x", "components": [row]},
        )
    assert "default_values" in caught.value.text


async def test_a_command_for_few_is_shown_only_to_them_and_only_where_it_works(
    playground: Playground, bot: SmallBot
) -> None:
    command = {
        "name": "rule", "description": "Rule", "type": 1, "options": [], "contexts": [0],
        "default_member_permissions": str(1 << 5),
    }  # fmt: skip
    await bot.http.bulk_upsert_global_commands(playground.application_id, [command])
    mia, ada = playground.add_user("Mia", permissions=MANAGER_PERMISSIONS), playground.add_user("Ada")
    channel, direct = playground.channel, playground.direct_channel(mia)
    seen = [
        surroundings(playground, user, place)["commands"]
        for user, place in ((mia, channel), (ada, channel), (mia, direct))
    ]
    assert [len(commands) for commands in seen] == [1, 0, 0]


def test_a_terminal_shows_what_is_mentioned_by_its_name() -> None:
    names = {1: "Ada", 2: "Writers", 3: "side", 4: "@everyone"}
    assert (
        styled("<@1> <@&2> <#3> <@&4> <#9> <@&9>", names).plain
        == "@Ada @Writers #side @everyone #unknown @unknown-role"
    )

"""Who may use /storyadmin: each command and control asks, whatever Discord's client shows or a forged request says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.app import StoryBot
from bot.playground import PlaygroundRefused
from bot.playground.world import Channel, User
from tests.e2e.acting import press_forged, rows
from tests.e2e.administering import administer, any_values, card, choose, commands_of, manager, panel
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered
from tests.fakes.scripted_engine import ScriptedEngine

FOR_THOSE_WHO_RUN_IT = "This is for those who run this server"
FOR_SERVERS = "This is for servers that I have been added to"


@pytest.fixture
async def bot(stage: Stage) -> AsyncIterator[StoryBot]:
    async with stage.bot(ScriptedEngine()) as bot:
        yield bot


def decided(stage: Stage) -> list[Any]:
    """Give all that the database holds of what was decided for servers."""
    tables = ("server_rules", "server_blocks", "server_changes")
    return [row for table in tables for row in rows(stage, f"SELECT * FROM {table}")]  # noqa: S608 - names from above


def elsewhere(stage: Stage) -> Channel:
    """Give a channel of a server in which the bot is not."""
    stage.ada.installed = True
    return stage.playground.add_channel("elsewhere", guild=stage.playground.add_guild("Elsewhere", installed=False))


@pytest.mark.usefixtures("bot")
async def test_every_command_is_refused_to_whoever_may_not_manage_the_server(stage: Stage) -> None:
    names = []
    for name, command in commands_of(stage):
        refused = await administer(stage, stage.ada, name, **any_values(stage, command))
        assert FOR_THOSE_WHO_RUN_IT in await answered(refused), name
        assert refused.message is not None
        assert refused.message.ephemeral, name
        names.append(name)
    assert {"setup", "channels", "role", "limits", "defaults", "block", "unblock", "blocked", "log"} <= set(names)
    assert decided(stage) == []


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("place", ["direct messages", "a group", "a server without the bot"])
async def test_every_command_is_refused_where_there_is_no_server_of_the_bot(stage: Stage, place: str) -> None:
    mia = manager(stage)
    mia.installed = True
    channel = {
        "direct messages": lambda: stage.playground.direct_channel(mia),
        "a group": lambda: stage.playground.add_group("friends", mia, stage.bob),
        "a server without the bot": lambda: elsewhere(stage),
    }[place]()
    for name, command in commands_of(stage):
        refused = await administer(stage, mia, name, channel=channel, **any_values(stage, command, channel))
        assert FOR_SERVERS in await answered(refused), name
    assert decided(stage) == []


@pytest.mark.usefixtures("bot")
async def test_every_command_works_for_whoever_may_manage_the_server(stage: Stage) -> None:
    mia = manager(stage)
    for name, command in commands_of(stage):
        asked = await administer(stage, mia, name, **any_values(stage, command))
        await asked.until(lambda shown: shown.failed or shown.message)
        assert asked.message is not None, name
        assert FOR_THOSE_WHO_RUN_IT not in asked.message.content, name


@pytest.mark.usefixtures("bot")
async def test_discords_client_does_not_even_offer_it_to_others_or_elsewhere(stage: Stage) -> None:
    with pytest.raises(PlaygroundRefused, match="no permission"):
        await stage.playground.slash(stage.ada, "storyadmin setup")
    mia = manager(stage)
    with pytest.raises(PlaygroundRefused, match="not offered in direct messages"):
        await stage.playground.slash(mia, "storyadmin setup", channel=stage.playground.direct_channel(mia))


@pytest.mark.usefixtures("bot")
async def test_a_server_may_name_roles_whose_people_use_it_too_and_take_that_back(stage: Stage) -> None:
    helpers = stage.playground.add_role("Helpers", stage.ada)
    mia = manager(stage)
    await panel(stage, mia, "role", role=helpers, may="Use /storyadmin")
    asked = await administer(stage, stage.ada, "setup")
    await asked.until(lambda shown: shown.message)
    assert asked.message is not None
    assert "and for <@&" in card(asked.message)
    assert FOR_THOSE_WHO_RUN_IT in await answered(await administer(stage, stage.bob, "setup"))
    await panel(stage, mia, "role", role=helpers, may="nothing")
    assert FOR_THOSE_WHO_RUN_IT in await answered(await administer(stage, stage.ada, "setup"))


@pytest.mark.usefixtures("bot")
async def test_a_role_of_one_server_opens_nothing_in_another(stage: Stage) -> None:
    other = stage.playground.add_guild("Other")
    there = stage.playground.add_channel("there", guild=other)
    helpers = stage.playground.add_role("Helpers", stage.ada)
    await panel(stage, manager(stage), "role", role=helpers, may="administer")
    assert FOR_THOSE_WHO_RUN_IT in await answered(await administer(stage, stage.ada, "setup", channel=there))


async def test_every_control_of_the_panel_asks_again(stage: Stage) -> None:
    mia = manager(stage)
    async with stage.bot(ScriptedEngine()):
        shown = {section: await _section(stage, mia, section) for section in ("channels", "roles", "limits", "blocked")}
    mia.permissions &= ~(1 << 5)  # somebody has taken Manage Server away from her
    choices = [
        ("channels", "mode", ["only"]),
        ("channels", "channels", [str(stage.playground.channel.id)]),
        ("roles", "admin_roles", [str(stage.playground.guild.roles[0].id)]),
        ("limits", "cooldown", ["60"]),
        ("blocked", "blocked", [str(stage.bob.id)]),
        ("blocked", "section", ["log"]),
    ]
    async with stage.bot(ScriptedEngine()):
        for section, what, values in choices:
            chosen = await stage.playground.select(mia, shown[section], f"rules:{what}", values)
            assert FOR_THOSE_WHO_RUN_IT in await answered(chosen), what
    assert decided(stage) == []


async def _section(stage: Stage, user: User, section: str) -> Any:
    return await choose(stage, user, await panel(stage, user), "section", [section])


@pytest.mark.usefixtures("bot")
async def test_what_no_select_of_the_panel_sends_is_refused_with_a_sentence(stage: Stage) -> None:
    mia = manager(stage)
    message = await panel(stage, mia)
    foreign = stage.playground.add_channel("foreign", guild=stage.playground.add_guild("Foreign"))
    select = message.components[0]["components"][0]
    forged: list[tuple[str, list[str], str]] = [
        ("rules:section", ["basement"], "don't know this button"),
        ("rules:mode", ["nowhere"], "don't know this button"),
        ("rules:channels", [str(foreign.id)], "no such channel or role"),
        ("rules:channels", ["1; DROP TABLE stories"], "don't know this button"),
        ("rules:teller_roles", [str(foreign.id)], "no such channel or role"),
        ("rules:cooldown", ["86400"], "`cooldown` goes from 0 to 3600"),
        ("rules:longest", ["7"], "`longest` goes from 30 to 800"),
        ("rules:an_hour", [], "don't know this button"),
        ("rules:preset", ["Mine"], "don't know this button"),
        ("rules:blocked", [str(2**64)], "don't know this button"),
        ("rules:blocked", [str(mia.id)], "neither yourself nor me"),
        ("rules:limits", ["1"], "don't know this button"),
    ]
    for custom_id, values, sentence in forged:
        offered = [{"label": value[:90], "value": value} for value in values] or [{"label": "x", "value": "x"}]
        select |= {"custom_id": custom_id, "options": offered, "min_values": 0}
        assert sentence in await answered(await stage.playground.select(mia, message, custom_id, values)), custom_id
    assert decided(stage) == []


@pytest.mark.usefixtures("bot")
async def test_a_forged_choice_of_a_command_is_refused_with_a_sentence(stage: Stage) -> None:
    mia = manager(stage)
    role = stage.playground.guild.roles[0]
    for name, options in (
        ("channels", {"where": "nowhere"}),
        ("role", {"role": role, "may": "rule"}),
        ("defaults", {"preset": "Mine"}),
    ):
        assert "a value that I don't know" in await answered(await administer(stage, mia, name, **options))
    assert "`longest` goes from 30" in await answered(await administer(stage, mia, "limits", longest=29))
    assert "`cooldown` goes from 0 to" in await answered(await administer(stage, mia, "limits", cooldown=10**9))
    assert decided(stage) == []


@pytest.mark.usefixtures("bot")
async def test_a_select_pressed_as_if_it_were_a_button_changes_nothing(stage: Stage) -> None:
    mia = manager(stage)
    message = await panel(stage, mia)
    for what in ("channels", "cooldown", "blocked", "section"):
        await (await press_forged(stage.playground, mia, message, f"rules:{what}")).acknowledged()
    assert decided(stage) == []

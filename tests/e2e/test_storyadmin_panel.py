"""The panel: all that holds in a server, changed by selects, by several people, and after restarts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from bot.store.server_changes import KEPT_SECONDS
from tests.e2e.acting import changed_in, rows
from tests.e2e.administering import administer, card, choose, manager, panel, preset_in
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered
from tests.fakes.scripted_engine import ScriptedEngine


async def test_a_server_without_rules_is_shown_as_free(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine()):
        shown = card(await panel(stage, manager(stage)))
    assert "Stories are told in all channels." in shown
    assert "Everybody tells stories." in shown
    assert "For each person: no limits." in shown
    assert "The built-in options." in shown
    assert "Nobody is blocked." in shown


async def test_everything_can_be_chosen_on_the_panel_with_a_restart_between_any_two_choices(stage: Stage) -> None:
    playground, mia = stage.playground, manager(stage)
    stories = playground.add_channel("stories")
    writers, crew = playground.add_role("Writers"), playground.add_role("Crew")
    async with stage.bot(ScriptedEngine()):
        message = await panel(stage, mia)
    choices = [
        ("channels", "mode", ["only"]),
        ("channels", "channels", [str(stories.id)]),
        ("roles", "teller_roles", [str(writers.id)]),
        ("roles", "admin_roles", [str(crew.id)]),
        ("limits", "cooldown", ["30"]),
        ("limits", "an_hour", ["20"]),
        ("limits", "at_once", ["1"]),
        ("limits", "longest", ["200"]),
        ("defaults", "preset", ["Focused"]),
        ("blocked", "blocked", [str(stage.bob.id)]),
    ]
    for section, what, values in choices:
        async with stage.bot(ScriptedEngine()):
            await choose(stage, mia, message, "section", [section])
            await choose(stage, mia, message, what, values)
            assert preset_in(message, what) == values
    async with stage.bot(ScriptedEngine()):
        shown = card(await choose(stage, mia, message, "section", ["overview"]))
        assert f"Stories are told only in <#{stories.id}>." in shown
        assert f"People with <@&{writers.id}> tell stories." in shown
        assert f"for those with Manage Server, and for <@&{crew.id}>." in shown
        limits = "30 s between two passages · 20 passages an hour · 1 at the same time · up to 200 tokens each"
        assert f"For each person: {limits}." in shown
        assert "`temperature:0.7`" in shown
        assert "1 person is blocked." in shown
        log = card(await choose(stage, mia, message, "section", ["log"]))
    assert log.count(f"by <@{mia.id}>") == len(choices)
    assert "before: Stories are told in all channels." in log


async def test_choosing_nothing_empties_a_list(stage: Stage) -> None:
    mia = manager(stage)
    async with stage.bot(ScriptedEngine()):
        await panel(stage, mia, "block", person=stage.bob)
        message = await panel(stage, mia, "channels", where="except", add=stage.playground.channel)
        await choose(stage, mia, message, "channels", [])
        assert "Stories are told in all channels." in card(message)
        await choose(stage, mia, message, "section", ["blocked"])
        assert "Nobody is blocked here." in card(await choose(stage, mia, message, "blocked", []))


async def test_what_two_people_choose_on_panels_opened_before_both_stays(stage: Stage) -> None:
    playground, mia, max_ = stage.playground, manager(stage), manager(stage, "Max")
    one, other = playground.add_channel("one"), playground.add_channel("other")
    eve = playground.add_user("Eve")
    async with stage.bot(ScriptedEngine()):
        hers, his = [await choose(stage, who, await panel(stage, who), "section", ["channels"]) for who in (mia, max_)]
        await choose(stage, mia, hers, "channels", [str(one.id)])
        await choose(stage, max_, his, "channels", [str(other.id)])
        assert sorted(preset_in(his, "channels")) == sorted([str(one.id), str(other.id)])
        hers, his = [await choose(stage, who, await panel(stage, who), "section", ["blocked"]) for who in (mia, max_)]
        await choose(stage, mia, hers, "blocked", [str(stage.bob.id)])
        await choose(stage, max_, his, "blocked", [str(eve.id)])
        assert sorted(preset_in(his, "blocked")) == sorted([str(stage.bob.id), str(eve.id)])


async def test_a_channel_or_role_that_is_gone_does_not_stand_in_the_way(stage: Stage) -> None:
    playground, mia = stage.playground, manager(stage)
    gone, stays = playground.add_channel("gone"), playground.add_channel("stays")
    async with stage.bot(ScriptedEngine()):
        message = await panel(stage, mia, "channels", where="only", add=gone)
    del playground.world.channels[gone.id]
    async with stage.bot(ScriptedEngine()):
        await choose(stage, mia, message, "channels", [str(stays.id)])
        assert preset_in(message, "channels") == [str(stays.id)]


async def test_a_list_has_an_end_and_says_so(stage: Stage) -> None:
    playground, mia = stage.playground, manager(stage)
    channels = [playground.add_channel(f"room {number}") for number in range(26)]
    async with stage.bot(ScriptedEngine()):
        for channel in channels[:25]:
            await panel(stage, mia, "channels", where="only", add=channel)
        refused = await administer(stage, mia, "channels", where="only", add=channels[25])
        assert "The list has 25 already" in await answered(refused)
        assert "16 others" in card(await panel(stage, mia))
        await panel(stage, mia, "channels", where="only", add=channels[25], remove=channels[0])


async def test_the_log_tells_who_changed_what_and_why_and_forgets_after_a_while(stage: Stage) -> None:
    mia, max_ = manager(stage), manager(stage, "Max")
    async with stage.bot(ScriptedEngine()):
        await panel(stage, mia, "limits", cooldown=30)
        await panel(stage, max_, "limits", cooldown=30)  # changes nothing
        await panel(stage, max_, "block", person=stage.bob, reason="**Spam** in\n#general")
        await panel(stage, max_, "unblock", person=stage.bob)
        shown = card(await panel(stage, mia, "log"))
        assert f"Blocked <@{stage.bob.id}>: **Spam** in #general".replace("**", "") in shown.replace("**", "")
        assert f"Unblocked <@{stage.bob.id}>" in shown
        assert "Limits For each person: 30 s between two passages." in shown
        assert "before: For each person: no limits." in shown
        assert [row[0] for row in rows(stage, "SELECT user_id FROM server_changes ORDER BY id")] == [
            mia.id, max_.id, max_.id,
        ]  # fmt: skip
        long_ago = int(datetime.now(UTC).timestamp()) - KEPT_SECONDS - 1
        changed_in(stage, f"UPDATE server_changes SET created_at = {long_ago}")  # noqa: S608 - a number
        assert "Nothing yet." in card(await panel(stage, mia, "log"))
    assert rows(stage, "SELECT count(*) FROM server_changes") == [(0,)]


async def test_the_log_shows_what_other_parts_of_the_bot_have_noted(stage: Stage) -> None:
    mia = manager(stage)
    async with stage.bot(ScriptedEngine()):
        details = json.dumps({"channel": 5, "stories": 3})
        place = stage.playground.guild.id
        changed_in(
            stage,
            "INSERT INTO server_changes (guild_id, user_id, what, details, created_at) "  # noqa: S608 - our own values
            f"VALUES ({place}, 0, 'purge', '{details}', unixepoch())",
        )
        shown = card(await panel(stage, mia, "log"))
    assert "Purge channel 5, stories 3" in shown
    assert "by somebody whose data is deleted" in shown


async def test_one_server_sees_nothing_of_another(stage: Stage) -> None:
    playground, mia = stage.playground, manager(stage)
    there = playground.add_channel("there", guild=playground.add_guild("There"))
    async with stage.bot(ScriptedEngine()):
        await panel(stage, mia, "limits", cooldown=30)
        await panel(stage, mia, "block", person=stage.bob, reason="Spam")
        for name in ("setup", "blocked", "log", "limits"):
            asked = await administer(stage, mia, name, channel=there)
            await asked.until(lambda shown: shown.message)
            assert asked.message is not None
            assert str(stage.bob.id) not in card(asked.message)
            assert "30 s" not in card(asked.message)

"""What a server decides holds for every way to a story: commands, buttons, forms and menus, also after a restart."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.interactions import Interaction
from bot.playground.world import PUBLIC_THREAD, Message, User
from storygen.errors import EngineFailed
from tests.e2e.acting import PROMPT, changed_in, filled_in, opened, posted, rows, told
from tests.e2e.administering import card, choose, manager, panel
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, finished, is_finished, labels, shown_text
from tests.fakes.scripted_engine import ScriptedEngine

BLOCKED = "have blocked you from telling stories here"


def engine() -> ScriptedEngine:
    return ScriptedEngine([f" Bat number {number} flew." for number in range(60)])


async def ask_story(stage: Stage, user: User, **place: Any) -> Interaction:
    return await stage.playground.slash(user, "story", {"genre": "horror", "prompt": PROMPT}, **place)


async def every_way_to_a_story(stage: Stage, message: Message) -> list[tuple[str, Interaction]]:
    """Let Ada try all that lets words come into the server, on a story of hers."""
    playground, ada = stage.playground, stage.ada
    story = {"genre": "horror", "prompt": "A door"}
    tries = [
        ("/story", await playground.slash(ada, "story", story)),
        ("/continue", await playground.slash(ada, "continue", {"story": "Batman"})),
        ("/explore", await playground.slash(ada, "explore", story)),
    ]
    tries += [(press, await playground.press(ada, message, press)) for press in ("Continue", "Retry", "Branch")]
    for then in ("go_on", "leave_it"):
        fields = {"Your words": "Ann waved.", "And then": then}
        tries.append((f"Write, {then}", await filled_in(stage, ada, message, "Write", fields=fields)))
    begin = await playground.menu(ada, "Continue as story", message)
    await begin.until(lambda shown: shown.modal)
    tries.append(("Continue as story", await playground.submit(ada, begin, {"Genre": "Drama"})))
    edit = await opened(stage, ada, message, "More", "Edit")
    tries.append(("Edit", await playground.submit(ada, edit, {"Text": "Other words."})))
    rename = await opened(stage, ada, message, "Rename")
    tries.append(("Rename", await playground.submit(ada, rename, {"Title": "Another"})))
    tries.append(("Share", await playground.press(ada, message, "Share")))
    return tries


def written(stage: Stage) -> list[Any]:
    """Give all words that are stored."""
    return rows(stage, "SELECT text FROM passages ORDER BY id") + rows(stage, "SELECT title FROM stories ORDER BY id")


@pytest.mark.parametrize("rule", ["blocked", "channel", "other channels", "role"])
async def test_who_may_not_is_refused_on_every_way_and_in_private(stage: Stage, rule: str) -> None:
    playground, mia = stage.playground, manager(stage)
    other, writers = playground.add_channel("stories"), playground.add_role("Writers", stage.bob)
    async with stage.bot(engine()):
        message = await told(stage)
        before = written(stage)
        sentence = BLOCKED
        if rule == "blocked":
            await panel(stage, mia, "block", person=stage.ada, reason="Spam")
        elif rule == "channel":
            await panel(stage, mia, "channels", where="only", add=other)
            sentence = f"stories are told in <#{other.id}>"
        elif rule == "other channels":
            await panel(stage, mia, "channels", where="except", add=playground.channel)
            sentence = "want no stories in this channel"
        else:
            await panel(stage, mia, "role", role=writers, may="tell")
            sentence = f"for people with <@&{writers.id}>"
    async with stage.bot(engine()):  # the rules stand in the database
        for way, asked in await every_way_to_a_story(stage, message):
            assert sentence in await answered(asked), way
            said = next(one for one in [asked.message, *asked.followups] if one and sentence in one.content)
            assert said.ephemeral, way
        assert written(stage) == before
        assert rows(stage, "SELECT count(*) FROM shares") == [(0,)]


async def test_a_blocked_person_keeps_what_is_theirs(stage: Stage) -> None:
    playground, ada = stage.playground, stage.ada
    async with stage.bot(engine()):
        await told(stage)
        await panel(stage, manager(stage), "block", person=ada)
        for name, options in (
            ("stories list", {}),
            ("stories read", {"story": "Batman"}),
            ("stories open", {"story": "Batman"}),
            ("stories export", {"story": "Batman", "format": "txt"}),
            ("settings show", {}),
            ("privacy summary", {}),
            ("privacy export", {}),
            ("help", {}),
            ("stories top", {}),
            ("stories digest", {}),
        ):
            asked = await playground.slash(ada, name, options)
            await asked.until(lambda shown: shown.failed or shown.message)
            assert asked.message is not None, name
            assert BLOCKED not in asked.message.content, name
            assert asked.message.ephemeral, name
        direct = playground.direct_channel(ada)
        assert is_finished(await finished(await ask_story(stage, ada, channel=direct)))
        elsewhere = playground.add_channel("there", guild=playground.add_guild("There"))
        assert is_finished(await finished(await ask_story(stage, ada, channel=elsewhere)))
        deleted = await playground.slash(ada, "stories delete", {"story": "Batman"})
        await deleted.until(lambda shown: shown.message)
        assert deleted.message is not None
        assert "Delete for good" in labels(deleted.message)


@pytest.mark.parametrize("by", ["command", "panel"])
async def test_a_block_stops_what_is_being_written_there_and_nowhere_else(stage: Stage, by: str) -> None:
    playground, mia, ada = stage.playground, manager(stage), stage.ada
    other = playground.add_guild("There")
    elsewhere = playground.add_channel("there", guild=other)
    async with stage.bot(ScriptedEngine(), edit_seconds=0.0) as bot:
        here, there = await ask_story(stage, ada), await ask_story(stage, ada, channel=elsewhere)
        for asked in (here, there):
            await asked.until(lambda shown: shown.message and "Stop" in labels(shown.message), 20)
        if by == "command":
            await panel(stage, mia, "block", person=ada)
        else:
            message = await choose(stage, mia, await panel(stage, mia), "section", ["blocked"])
            await choose(stage, mia, message, "blocked", [str(ada.id)])
        await here.until(lambda shown: shown.message and "Stop" not in labels(shown.message), 20)
        assert [telling.story.guild_id for telling in bot.storyteller.running_of(ada.id)] == [other.id]


async def test_a_block_goes_with_unblock(stage: Stage) -> None:
    mia = manager(stage)
    async with stage.bot(engine()):
        assert "<@" in card(await panel(stage, mia, "block", person=stage.ada, reason="Spam, *again*"))
        assert BLOCKED in await answered(await ask_story(stage, stage.ada))
        assert "Nobody is blocked" in card(await panel(stage, mia, "unblock", person=stage.ada))
        assert is_finished(await finished(await ask_story(stage, stage.ada)))
        gone = await stage.playground.slash(mia, "storyadmin unblock", {"person": stage.ada})
        assert "Nobody has blocked <@" in await answered(gone)
        for person in (mia, stage.playground.world.bot):
            refused = await stage.playground.slash(mia, "storyadmin block", {"person": person})
            assert "neither yourself nor me" in await answered(refused)


async def test_a_thread_counts_as_its_channel(stage: Stage) -> None:
    playground = stage.playground
    home = playground.channel
    thread = playground.world.add_channel("side", kind=PUBLIC_THREAD, guild=playground.guild, parent=home)
    other = playground.add_channel("other")
    async with stage.bot(engine()):
        await panel(stage, manager(stage), "channels", where="only", add=home)
        assert is_finished(await finished(await ask_story(stage, stage.ada, channel=thread)))
        assert "Please come there" in await answered(await ask_story(stage, stage.ada, channel=other))
        await panel(stage, manager(stage), "channels", where="except")
        assert "want no stories" in await answered(await ask_story(stage, stage.ada, channel=thread))
        assert is_finished(await finished(await ask_story(stage, stage.ada, channel=other)))


async def test_a_role_lets_its_people_in_and_who_manages_needs_none(stage: Stage) -> None:
    mia = manager(stage)
    writers = stage.playground.add_role("Writers", stage.bob)
    async with stage.bot(engine()):
        await panel(stage, mia, "role", role=writers, may="tell")
        assert is_finished(await finished(await ask_story(stage, stage.bob)))
        assert is_finished(await finished(await ask_story(stage, mia)))
        assert "stories are for people with" in await answered(await ask_story(stage, stage.ada))


async def test_in_a_server_without_the_bot_no_rules_hold(stage: Stage) -> None:
    """The bot was there, the server blocked her, and threw it out: as an app of her own it works there still."""
    playground, mia = stage.playground, manager(stage)
    guild = playground.add_guild("Elsewhere")
    there = playground.add_channel("there", guild=guild)
    stage.ada.installed = True
    async with stage.bot(engine()):
        await playground.slash(mia, "storyadmin block", {"person": stage.ada}, channel=there)
        await playground.until(lambda: rows(stage, "SELECT count(*) FROM server_blocks") == [(1,)], 10)
        assert BLOCKED in await answered(await ask_story(stage, stage.ada, channel=there))
        guild.installed = False
        assert is_finished(await finished(await ask_story(stage, stage.ada, channel=there)))


async def test_the_next_passage_waits_for_the_cooldown_also_after_a_restart(stage: Stage) -> None:
    async with stage.bot(engine()):
        await panel(stage, manager(stage), "limits", cooldown=600)
        message = await told(stage)
        refused = await answered(await stage.playground.press(stage.ada, message, "Continue"))
        assert "That was quick. Please try again <t:" in refused
        assert ":R>." in refused
        assert is_finished(await finished(await ask_story(stage, stage.bob)))  # everybody has their own
    async with stage.bot(engine()):
        assert "That was quick" in await answered(await ask_story(stage, stage.ada))
        changed_in(stage, "UPDATE recent_tellings SET told_at = told_at - 601")
        assert is_finished(await posted(await stage.playground.press(stage.ada, message, "Continue")))


async def test_an_hour_has_so_many_passages_and_deleting_stories_brings_none_back(stage: Stage) -> None:
    playground, ada = stage.playground, stage.ada
    async with stage.bot(engine()):
        await panel(stage, manager(stage), "limits", an_hour=2)
        message = await told(stage)
        await posted(await playground.press(ada, message, "Continue"))
        for asked in (await playground.press(ada, message, "Retry"), await ask_story(stage, ada)):
            assert "allows each person 2 an hour. Please try again <t:" in await answered(asked)
        question = await playground.slash(ada, "stories delete", {"story": "Batman"})
        await question.until(lambda shown: shown.message)
        assert question.message is not None
        await playground.press(ada, question.message, "Delete for good")
        await playground.until(lambda: rows(stage, "SELECT count(*) FROM stories") == [(0,)])
        assert "2 an hour" in await answered(await ask_story(stage, ada))
        direct = await ask_story(stage, ada, channel=playground.direct_channel(ada))
        assert is_finished(await finished(direct))
        changed_in(stage, "UPDATE recent_tellings SET told_at = told_at - 3600")
        assert is_finished(await finished(await ask_story(stage, ada)))
    assert rows(stage, "SELECT count(*) FROM recent_tellings") == [(1,)]  # what is an hour old is gone


async def test_what_failed_or_was_refused_counts_for_nothing(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([EngineFailed("broken"), " a bat."])):
        await panel(stage, manager(stage), "limits", an_hour=1)
        failed = await ask_story(stage, stage.ada)
        await failed.until(lambda shown: shown.message and "Retry" in labels(shown.message))
        assert failed.message is not None
        long = {"genre": "horror", "prompt": "x", "preset": "No such preset"}
        assert "no such preset" in await answered(await stage.playground.slash(stage.ada, "story", long))
        assert is_finished(await finished(await ask_story(stage, stage.ada)))
        assert "1 an hour" in await answered(await ask_story(stage, stage.ada))


async def test_a_crash_in_the_middle_counts_for_nothing(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine()):
        await panel(stage, manager(stage), "limits", an_hour=1)
        await ask_story(stage, stage.ada)
        await stage.playground.until(lambda: rows(stage, "SELECT count(*) FROM recent_tellings") == [(1,)])
    async with stage.bot(engine()):
        assert is_finished(await finished(await ask_story(stage, stage.ada)))


async def test_two_presses_at_one_moment_do_not_slip_past_the_limit(stage: Stage) -> None:
    async with stage.bot(engine(), stories_per_user=9):
        await panel(stage, manager(stage), "limits", an_hour=1)
        asked = [await ask_story(stage, stage.ada) for _ in range(4)]
        for one in asked:
            await one.until(
                lambda shown: shown.message and ("an hour" in shown.message.content or shown.message.embeds)
            )
    assert rows(stage, "SELECT count(*) FROM stories") == [(1,)]


async def test_a_person_has_so_many_at_once_here_and_more_elsewhere(stage: Stage) -> None:
    direct = stage.playground.direct_channel(stage.ada)
    async with stage.bot(ScriptedEngine(), stories_per_user=3):
        await panel(stage, manager(stage), "limits", at_once=1)
        first = await ask_story(stage, stage.ada)
        await first.until(lambda shown: shown.message and "Stop" in labels(shown.message))
        assert "allows each person 1 story at a time" in await answered(await ask_story(stage, stage.ada))
        other = await ask_story(stage, stage.ada, channel=direct)
        await other.until(lambda shown: shown.message and "Stop" in labels(shown.message))


async def test_a_story_is_no_longer_than_the_server_allows_and_that_is_said(stage: Stage) -> None:
    scripted = engine()
    async with stage.bot(scripted):
        message = await told(stage, max_length=500)
        await panel(stage, manager(stage), "limits", longest=60)
        await posted(await stage.playground.press(stage.ada, message, "Continue"))
        short = await told(stage, max_length=500)
        settings = await stage.playground.slash(stage.ada, "settings show")
        await settings.until(lambda shown: shown.message)
    assert [request.options.max_new_tokens for request in scripted.requests] == [500, 60, 60]
    assert short.content == "In this server, stories have up to 60 tokens."
    assert settings.message is not None
    assert "`max_length` 60 · from this server" in shown_text(settings.message)


async def test_a_role_may_have_more_than_everybody(stage: Stage) -> None:
    patrons = stage.playground.add_role("Patrons", stage.bob)
    mia = manager(stage)
    async with stage.bot(engine()):
        await panel(stage, mia, "limits", an_hour=1, longest=60)
        shown = card(await panel(stage, mia, "limits", role=patrons, an_hour=3, longest=0))
        assert f"With <@&{patrons.id}>: 3 passages an hour · any length." in shown
        for _ in range(3):
            assert is_finished(await finished(await ask_story(stage, stage.bob)))
        assert "3 an hour" in await answered(await ask_story(stage, stage.bob))
        assert is_finished(await finished(await ask_story(stage, stage.ada)))
        assert "1 an hour" in await answered(await ask_story(stage, stage.ada))
        await panel(stage, mia, "limits", role=patrons, reset=True)
        assert "1 an hour" in await answered(await ask_story(stage, stage.bob))


async def test_the_servers_options_stand_between_the_built_in_ones_and_a_persons_own(stage: Stage) -> None:
    scripted, ada = engine(), stage.ada
    async with stage.bot(scripted):
        await panel(stage, manager(stage), "defaults", temperature=0.4, top_k=7)
        await stage.playground.slash(ada, "settings set", {"top_k": 3})
        await stage.playground.until(lambda: rows(stage, "SELECT 1 FROM user_settings"))
        shown = await stage.playground.slash(ada, "settings show")
        await shown.until(lambda one: one.message)
        await told(stage)
        await told(stage, temperature=1.5)
        await told(stage, channel=stage.playground.direct_channel(ada))
    assert [(each.options.temperature, each.options.top_k) for each in scripted.requests] == [
        (0.4, 3),
        (1.5, 3),
        (0.9, 3),
    ]
    assert shown.message is not None
    assert "`temperature` 0.4 · from this server" in shown_text(shown.message)
    assert "`top_k` 3 · yours" in shown_text(shown.message)
    assert "`top_p` 0.95 · built-in" in shown_text(shown.message)

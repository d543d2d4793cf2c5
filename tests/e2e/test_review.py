"""What those who run a server decide there: reports, and stories that they take out of it."""

from __future__ import annotations

import json

from bot.playground.interactions import Interaction
from bot.playground.world import MANAGE_GUILD, MEMBER_PERMISSIONS, Channel, Message, User
from tests.e2e.acting import changed, posted, press_forged, rows, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, labels, shown_text
from tests.e2e.test_archive import archive_in, posts_of, sent
from tests.fakes.scripted_engine import ScriptedEngine

LINES: list[str | Exception] = [" a bat.", " It flew.", " It fell.", " It sang."]


def keeper_of(stage: Stage, name: str = "Kim") -> User:
    return stage.playground.add_user(name, permissions=MEMBER_PERMISSIONS | MANAGE_GUILD)


async def reported(stage: Stage, message: Message, reason: str = "It is rude", *, by: User | None = None) -> None:
    """Let somebody report what a message shows."""
    asked = await stage.playground.menu(by or stage.bob, "Report story", message)
    await asked.until(lambda shown: shown.modal)
    told_so = await answered(await stage.playground.submit(by or stage.bob, asked, {"text": reason}))
    assert told_so == "Thank you. Those who run this server will read it; who reported it they are not told."


async def asked_for(stage: Stage, user: User, command: str, **options: User) -> Message:
    """Use one of the commands and give its answer, which only this person sees."""
    asked = await stage.playground.slash(user, f"storyadmin {command}", options)
    await asked.until(lambda shown: shown.failed or shown.message)
    assert asked.message is not None
    assert asked.message.ephemeral
    return asked.message


async def decided(stage: Stage, user: User, message: Message, what: str) -> None:
    """Press a decision and wait until the message shows what came of it."""
    before = len(message.history)
    pressed = await stage.playground.press(user, message, what)
    await pressed.until(lambda shown: shown.failed or len(message.history) > before)
    assert pressed.failed is None


async def looked_at(stage: Stage, user: User, message: Message) -> Message:
    pressed = await stage.playground.press(user, message, "Look at the passage")
    await pressed.until(lambda shown: shown.failed or shown.message)
    assert pressed.message is not None
    return pressed.message


async def notice_of(stage: Stage, user: User) -> str:
    asked = await stage.playground.slash(user, "stories list")
    await asked.until(lambda shown: shown.failed or shown.followups)
    (message,) = asked.followups
    assert message.ephemeral
    return message.content


def texts(stage: Stage, channel: Channel | None = None) -> list[str]:
    return [shown_text(message) for message in stage.playground.messages(channel)]


async def test_nothing_is_reported_in_a_quiet_server(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([])):
        message = await asked_for(stage, keeper_of(stage), "reports")
    assert message.content == "Nothing is reported in this server, or all of it is decided."


async def test_a_report_is_a_card_with_what_people_say_and_without_who_said_it(stage: Stage) -> None:
    kim, cleo = keeper_of(stage), stage.playground.add_user("Cleo")
    async with stage.bot(ScriptedEngine(LINES)):
        message = await told(stage, title="Wings")
        await reported(stage, message, "It is *rude* @everyone")
        await reported(stage, message, "I think so too", by=cleo)
        card = await asked_for(stage, kim, "reports")
        assert shown_text(card) == "- It is *rude* @everyone\n- I think so too"
        assert "Wings (Horror)" in json.dumps(card.embeds)
        assert card.embeds[0]["footer"]["text"] == "1 passage is reported here"
        assert str(stage.bob.id) not in json.dumps(card.embeds)
        assert labels(card) == ["Look at the passage", "Dismiss", "Take the story down", "Next"]
        passage = await looked_at(stage, kim, card)
    assert passage.ephemeral
    assert shown_text(passage).endswith(" a bat.")


async def test_a_dismissed_report_is_gone_and_the_story_stays_and_who_decided_is_remembered(stage: Stage) -> None:
    kim = keeper_of(stage)
    async with stage.bot(ScriptedEngine(LINES)):
        message = await told(stage)
        await reported(stage, message)
        card = await asked_for(stage, kim, "reports")
    async with stage.bot(ScriptedEngine([])):  # the buttons work after a restart
        await decided(stage, kim, card, "Dismiss")
    assert card.content.startswith("Dismissed; the story stays. Nothing is reported")
    assert not message.deleted
    assert rows(stage, "SELECT state, decided_by FROM reports") == [("dismissed", kim.id)]
    ((what, by, details),) = rows(stage, "SELECT what, user_id, details FROM server_changes")
    assert (what, by, json.loads(details)) == ("report dismissed", kim.id, {"report_id": 1, "story_id": 1})


async def test_a_story_that_is_taken_down_goes_from_the_server_and_stays_with_its_owner(stage: Stage) -> None:
    kim, forum = keeper_of(stage), stage.playground.add_forum("library")
    async with stage.bot(ScriptedEngine(LINES)):
        await archive_in(stage, forum)
        message = await told(stage, title="Wings")
        further = await posted(await stage.playground.press(stage.ada, message, "Continue"))
        await sent(stage, further)
        await changed(stage, stage.ada, further, "More")
        shared = await stage.playground.press(stage.ada, further, "Share")
        await shared.until(lambda shown: shown.followups)
        await changed(stage, stage.bob, shared.followups[0], "♥ 0")
        other = await told(stage, title="Fins")
        (post,) = posts_of(stage, forum)
        await reported(stage, further)
        card = await asked_for(stage, kim, "reports")
        await decided(stage, kim, card, "Take the story down")
        assert card.content.startswith("Taken down: the story is out of this server.")
        await stage.playground.until(lambda: not stage.playground.messages(post) and shared.followups[0].deleted)
        await stage.playground.until(lambda: message.deleted and further.deleted)
        assert not other.deleted
        top = await stage.playground.slash(stage.bob, "stories top")
        assert "No story was given a ♥" in await answered(top)
        notice = await notice_of(stage, stage.ada)
        assert "**Wings** from The playground, after a report" in notice
        reading = await stage.playground.slash(stage.ada, "stories read", {"story": "Wings"})
        await reading.until(lambda shown: shown.message and shown.message.embeds)
    assert reading.followups == []  # told once
    assert rows(stage, "SELECT told FROM withdrawn_stories") == [(1,)]
    assert rows(stage, "SELECT count(*) FROM passages WHERE story_id = 1") == [(3,)]
    assert rows(stage, "SELECT state, decided_by FROM reports") == [("upheld", kim.id)]


async def test_nobody_brings_back_to_the_server_what_was_taken_down(stage: Stage) -> None:
    kim, direct = keeper_of(stage), stage.playground.direct_channel(stage.ada)
    async with stage.bot(ScriptedEngine(LINES)):
        message = await told(stage, title="Wings")
        kept = await told(stage, title="Fins")
        await reported(stage, message)
        await decided(stage, kim, await asked_for(stage, kim, "reports"), "Take the story down")
        await stage.playground.until(lambda: message.deleted)
        for press in ("continue:2", "retry:2", "branch:2", "share:2", "archive:2"):
            pressed = await press_forged(stage.playground, stage.ada, kept, f"story:{press}")
            assert "archive" in await answered(pressed) or "taken this story out" in await answered(pressed), press
        for press in ("branch:2", "read:1", "heart:1"):
            pressed = await press_forged(stage.playground, stage.bob, kept, f"story:{press}")
            assert "taken this story out" in await answered(pressed), press
        for command in ("stories open", "continue"):
            asked = await stage.playground.slash(stage.ada, command, {"story": "Wings"})
            assert "taken this story out" in await answered(asked)
        asked = await stage.playground.slash(stage.ada, "continue", {"story": "Wings"}, channel=direct)
        await asked.until(lambda shown: shown.message and "Continue" in labels(shown.message))


async def test_two_people_who_decide_at_once_do_not_decide_twice(stage: Stage) -> None:
    kim, lee = keeper_of(stage), keeper_of(stage, "Lee")
    async with stage.bot(ScriptedEngine(LINES)):
        await reported(stage, await told(stage))
        first, second = await asked_for(stage, kim, "reports"), await asked_for(stage, lee, "reports")
        await decided(stage, kim, first, "Dismiss")
        await decided(stage, lee, second, "Take the story down")
    assert second.content.startswith("This was decided already, perhaps by somebody else.")
    assert rows(stage, "SELECT decided_by FROM reports") == [(kim.id,)]
    assert rows(stage, "SELECT count(*) FROM withdrawn_stories") == [(0,)]


async def test_next_goes_through_the_open_reports_and_begins_again(stage: Stage) -> None:
    kim = keeper_of(stage)
    async with stage.bot(ScriptedEngine(LINES)):
        await reported(stage, await told(stage), "first")
        await reported(stage, await told(stage), "second")
        card = await asked_for(stage, kim, "reports")
        seen = [shown_text(card)]
        for _ in range(2):
            await decided(stage, kim, card, "Next")
            seen.append(shown_text(card))
    assert seen == ["- first", "- second", "- first"]


async def test_reports_of_other_servers_are_not_seen_and_not_decided(stage: Stage) -> None:
    kim, lee = keeper_of(stage), keeper_of(stage, "Lee")
    abroad = stage.playground.add_channel("abroad", guild=stage.playground.add_guild("Abroad"))
    async with stage.bot(ScriptedEngine(LINES)):
        await reported(stage, await told(stage))
        card = await asked_for(stage, kim, "reports")
        asked = await stage.playground.slash(lee, "storyadmin reports", channel=abroad)
        assert "Nothing is reported" in await answered(asked)
        own = await told(stage, channel=abroad)
        for deed in ("look", "dismiss", "take_down"):
            pressed = await press_forged(stage.playground, lee, own, f"review:{deed}:1")
            assert "no such report in this server" in await answered(pressed)
        assert rows(stage, "SELECT state FROM reports") == [("open",)]
        await decided(stage, kim, card, "Dismiss")


async def test_who_may_not_look_after_the_server_decides_nothing(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine(LINES)):
        message = await told(stage)
        await reported(stage, message)
        direct = await told(stage, channel=stage.playground.direct_channel(stage.ada))
        for deed in ("look:1", "dismiss:1", "take_down:1", "next:1", "purge:0", "keep:0"):
            pressed = await press_forged(stage.playground, stage.bob, message, f"review:{deed}")
            assert "Manage Server" in await answered(pressed)
            pressed = await press_forged(stage.playground, stage.ada, direct, f"review:{deed}")
            assert "This is for servers that I have been added to" in await answered(pressed)
        pressed = await press_forged(stage.playground, keeper_of(stage), message, "review:paint:1")
        assert "I don't know this button" in await answered(pressed)
    assert rows(stage, "SELECT state FROM reports") == [("open",)]


async def test_a_purge_says_what_goes_asks_once_and_takes_a_person_s_stories_out(stage: Stage) -> None:
    kim = keeper_of(stage)
    async with stage.bot(ScriptedEngine(LINES)):
        message = await told(stage, title="Wings")
        secret = await told(stage, title="Secret", private=True)
        asked = await stage.playground.slash(stage.bob, "story", {"genre": "drama", "prompt": "A door"})
        await asked.until(lambda shown: shown.message and "Continue" in labels(shown.message))
        question = await asked_for(stage, kim, "purge", person=stage.ada)
        assert question.content.startswith(f"Take 1 story of <@{stage.ada.id}> out of this server? They go from ")
        await decided(stage, kim, question, "Leave them")
        assert question.content == "Nothing was taken out."
        assert rows(stage, "SELECT count(*) FROM withdrawn_stories") == [(0,)]
        question = await asked_for(stage, kim, "purge", person=stage.ada)
    async with stage.bot(ScriptedEngine([])):
        await decided(stage, kim, question, "Take them out")
        assert question.content.startswith(f"1 story of <@{stage.ada.id}> went out of this server.")
        await stage.playground.until(lambda: message.deleted)
        assert (asked.message and asked.message.deleted, secret.deleted) == (False, False)
        assert "**Wings** from The playground\n" in await notice_of(stage, stage.ada)
    assert rows(stage, "SELECT story_id, why FROM withdrawn_stories") == [(1, "purge")]
    ((what, details),) = rows(stage, "SELECT what, details FROM server_changes")
    assert (what, json.loads(details)) == ("purge", {"person": stage.ada.id, "stories": 1})


async def test_a_purge_of_everybody_leaves_other_servers_alone(stage: Stage) -> None:
    kim = keeper_of(stage)
    abroad = stage.playground.add_channel("abroad", guild=stage.playground.add_guild("Abroad"))
    async with stage.bot(ScriptedEngine(LINES)):
        here, there = await told(stage), await told(stage, channel=abroad)
        question = await asked_for(stage, kim, "purge")
        assert question.content.startswith("Take 1 story of everybody out of this server?")
        await decided(stage, kim, question, "Take them out")
        await stage.playground.until(lambda: here.deleted)
        assert not there.deleted
        nothing = await asked_for(stage, kim, "purge")
    assert nothing.content == "There is nothing of everybody in this server's lists or archive."


async def test_a_story_that_is_being_written_while_it_is_taken_out_goes_when_it_is_shown(stage: Stage) -> None:
    kim, engine = keeper_of(stage), ScriptedEngine(LINES[:1])
    async with stage.bot(engine):
        message = await told(stage)
        await reported(stage, message)
        card = await asked_for(stage, kim, "reports")
        pressed = await stage.playground.press(stage.ada, message, "Continue")
        await pressed.until(lambda shown: shown.followups)
        await decided(stage, kim, card, "Take the story down")
        await stage.playground.until(lambda: message.deleted)
        engine.answer(" It flew.")
        await stage.playground.until(lambda: pressed.followups[0].deleted)


async def test_a_form_of_a_story_that_was_taken_out_meanwhile_gives_the_words_back(stage: Stage) -> None:
    kim = keeper_of(stage)
    async with stage.bot(ScriptedEngine(LINES)):
        message = await told(stage)
        await reported(stage, message)
        card = await asked_for(stage, kim, "reports")
        asked: Interaction = await stage.playground.press(stage.ada, message, "Write")
        await asked.until(lambda shown: shown.modal)
        await decided(stage, kim, card, "Take the story down")
        sent_form = await stage.playground.submit(stage.ada, asked, {"text": "My words", "then": "leave_it"})
        assert "taken this story out" in await answered(sent_form)
        assert "My words" in json.dumps(sent_form.followups[0].embeds)

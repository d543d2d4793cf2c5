"""Stories told together: in turns, with deadlines, with the bot between, and to their end."""

from __future__ import annotations

from bot.playground import Channel
from bot.playground.world import EMBED_LINKS, MEMBER_PERMISSIONS, PIN_MESSAGES, PUBLIC_THREAD, SEND_MESSAGES
from bot.storytelling.openings import openings
from tests.e2e.acting import press_forged, rows, told
from tests.e2e.circle import (
    FIRST,
    begun,
    controls,
    form,
    passages,
    pressed,
    says,
    stored,
    the_end,
    told_to,
    turn_of,
    wrote,
)
from tests.e2e.conftest import Stage
from tests.e2e.person import talking_bot, words_of
from tests.e2e.reading import SECONDS, answered, labels
from tests.fakes.hand_clock import HandClock

STATE = "phase, turn, turn_user_id, passages_told, deadline"


async def test_a_story_is_told_in_a_thread_named_after_it_by_whoever_comes(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada, passages=3)
        assert (thread.kind, thread.name) == (PUBLIC_THREAD, FIRST)
        await says(stage, thread, "Who goes on?", "1 of 3 passages", f"<@{stage.ada.id}>")
        await wrote(stage, stage.bob, thread, "It stood open *today*.")
        assert passages(stage, thread) == [FIRST, "It stood open *today*."]
        await says(stage, thread, "2 of 3 passages", f"<@{stage.ada.id}> and <@{stage.bob.id}>")
        await wrote(stage, stage.ada, thread, "Then it closed.")
        end = await the_end(stage, thread)
        await stage.playground.until(lambda: controls(stage, thread) is None, SECONDS)
    assert f"Told together by <@{stage.ada.id}> (2 passages) and <@{stage.bob.id}> (1 passage)." in end.content
    assert end.embeds[0]["description"].count("**") == 0
    assert "Export" in labels(end)
    assert end.mentions == []
    assert rows(stage, "SELECT owner_id, private FROM stories") == [(0, 0)]
    assert rows(stage, "SELECT user_id FROM passages ORDER BY id") == [
        (stage.ada.id,),
        (stage.bob.id,),
        (stage.ada.id,),
    ]


async def test_the_end_is_pinned_where_the_bot_may(stage: Stage) -> None:
    stage.playground.channel.app_permissions |= PIN_MESSAGES
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada, passages=2)
        await wrote(stage, stage.bob, thread, "It stood open.")
        end = await the_end(stage, thread)
        await stage.playground.until(lambda: stage.playground.pinned(thread), SECONDS)
    assert stage.playground.pinned(thread) == [end]


async def test_without_the_permission_for_threads_it_is_told_in_the_channel_and_that_is_said(stage: Stage) -> None:
    stage.playground.channel.app_permissions = SEND_MESSAGES | EMBED_LINKS | 1 << 10
    async with talking_bot(stage):
        place = await begun(stage, stage.ada)
        assert place is stage.playground.channel
        first = stage.playground.messages(place)[0]
        assert "I lack **Create Public Threads**, **Send Messages in Threads**." in first.content
        again = await stage.playground.slash(stage.bob, "together start", {"genre": "drama"})
        assert "A story is told together in this channel already" in await answered(again)


async def test_the_missing_permissions_are_named_before_anything_begins(stage: Stage) -> None:
    stage.playground.channel.app_permissions = MEMBER_PERMISSIONS & ~(SEND_MESSAGES | EMBED_LINKS)
    async with talking_bot(stage):
        asked = await stage.playground.slash(stage.ada, "together start", {"genre": "horror"})
        sentence = await told_to(stage, asked)
    assert "I lack the permissions Embed Links, Send Messages." in sentence
    assert rows(stage, "SELECT count(*) FROM stories") == [(0,)]


async def test_nobody_writes_twice_in_a_row_where_that_was_asked_for(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada, order="no_double_turns")
        await wrote(stage, stage.ada, thread, "Still alone.")  # nobody else is there yet
        await wrote(stage, stage.bob, thread, "Not any more.")
        refused = await pressed(stage, stage.bob, thread, "Write")
        assert "nobody writes twice in a row here" in await told_to(stage, refused)
        await pressed(stage, stage.bob, thread, "Let the bot go on")
        await says(stage, thread, "4 of 12 passages")
        refused = await pressed(stage, stage.bob, thread, "Let the bot go on")
        assert "I wrote the passage before" in await told_to(stage, refused)


async def test_words_that_come_when_the_story_has_gone_on_are_given_back(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada)
        late = await form(stage, stage.bob, thread)
        await wrote(stage, stage.ada, thread, "Ada was faster.")
        sent = await stage.playground.submit(stage.bob, late, {"Your words": "Bob's fine words."})
        sentence = await told_to(stage, sent)
    assert "The story has gone on meanwhile" in sentence
    assert "Bob's fine words." in sentence
    assert passages(stage, thread) == [FIRST, "Ada was faster."]


async def test_in_a_round_one_comes_after_the_other_and_passes_are_honoured(stage: Stage) -> None:
    async with talking_bot(stage):
        cleo = stage.playground.add_user("Cleo")
        thread = await begun(stage, stage.ada, order="round_robin")
        await says(stage, thread, "Who joins?")
        await pressed(stage, stage.bob, thread, "Join")
        shown = await says(stage, thread, turn_of(stage.bob))
        assert shown.mentions == [stage.bob]
        await pressed(stage, cleo, thread, "Join")
        await says(stage, thread, f"<@{cleo.id}>")
        refused = await pressed(stage, cleo, thread, "Write")
        assert f"It is the turn of <@{stage.bob.id}>" in await told_to(stage, refused)
        await wrote(stage, stage.bob, thread, "Bob begins.")
        await says(stage, thread, turn_of(cleo))
        refused = await pressed(stage, stage.bob, thread, "Pass")
        assert "It is the turn of" in await told_to(stage, refused)
        await pressed(stage, cleo, thread, "Pass")
        await says(stage, thread, turn_of(stage.ada), f"<@{cleo.id}> passes.")
        refused = await pressed(stage, stage.bob, thread, "Skip")
        assert f"<@{stage.ada.id}>, who began this story, can do that" in await told_to(stage, refused)
        await pressed(stage, stage.ada, thread, "Skip")
        await says(stage, thread, turn_of(stage.bob), f"<@{stage.ada.id}> is passed over.")
        stranger = stage.playground.add_user("Dan")
        refused = await pressed(stage, stranger, thread, "Write")
        assert "You don't take part in this story yet" in await told_to(stage, refused)


async def test_who_sleeps_is_passed_over_and_when_all_sleep_the_story_rests(stage: Stage) -> None:
    clock = HandClock()
    async with talking_bot(stage, clock=clock):
        thread = await begun(stage, stage.ada, order="round_robin", turn_minutes=5)
        await pressed(stage, stage.bob, thread, "Join")
        await says(stage, thread, turn_of(stage.bob))
        clock.advance(299)
        await wrote(stage, stage.bob, thread, "Just in time.")
        await says(stage, thread, turn_of(stage.ada))
        clock.advance(300)
        await says(stage, thread, turn_of(stage.bob), f"<@{stage.ada.id}> did not write in time.")
        clock.advance(300)
        await says(stage, thread, "The story rests")
        (turn,) = stored(stage, "turn")
        clock.advance(3000)
        assert stored(stage, "turn, deadline") == [(*turn, None)]
        await wrote(stage, stage.ada, thread, "I am awake again.")
        await says(stage, thread, turn_of(stage.bob))


async def test_the_bot_writes_between_people_where_that_was_asked_for(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada, bot="between", passages=4)
        await says(stage, thread, "2 of 4 passages")
        await wrote(stage, stage.bob, thread, "Bob looks in.")
        end = await the_end(stage, thread)
        authors = rows(stage, "SELECT author FROM passages ORDER BY id")
        assert authors == [("person",), ("model",), ("person",), ("model",)]
        assert len(passages(stage, thread)) == 4
        assert "and me (2 passages)" in end.content
        assert "AI-generated but for what is bold" in words_of(end)


async def test_a_member_who_left_the_server_is_passed_over_when_their_turn_comes(stage: Stage) -> None:
    async with talking_bot(stage):
        cleo = stage.playground.add_user("Cleo")
        thread = await begun(stage, stage.ada, order="round_robin")
        await pressed(stage, stage.bob, thread, "Join")
        await says(stage, thread, turn_of(stage.bob))
        await pressed(stage, cleo, thread, "Join")
        await says(stage, thread, f"<@{cleo.id}>")
        stage.playground.leave(cleo)
        await wrote(stage, stage.bob, thread, "Bob begins.")
        await says(stage, thread, turn_of(stage.ada), f"<@{cleo.id}> is no longer on this server.")
    assert rows(stage, "SELECT user_id FROM circle_members ORDER BY seat") == [(stage.ada.id,), (stage.bob.id,)]


async def test_the_end_is_for_the_starter_and_asks_once(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada)
        refused = await pressed(stage, stage.bob, thread, "End")
        assert "who began this story, can do that" in await told_to(stage, refused)
        asked = await pressed(stage, stage.ada, thread, "End")
        assert "End the story here" in await told_to(stage, asked)
        assert asked.message is not None
        question = asked.message if asked.message.ephemeral else asked.followups[-1]
        await stage.playground.press(stage.ada, question, "🏁 End the story")
        await the_end(stage, thread)
    assert stored(stage, "phase, deadline") == [("ended", None)]


async def test_a_question_of_the_end_for_a_turn_that_is_over_ends_it_all_the_same_for_the_starter(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada)
        asked = await pressed(stage, stage.ada, thread, "End")
        await told_to(stage, asked)
        await wrote(stage, stage.bob, thread, "Bob goes on.")
        assert asked.message is not None
        await stage.playground.press(stage.ada, asked.message, "🏁 End the story")
        await the_end(stage, thread)
    assert stored(stage, "passages_told") == [(2,)]


async def test_commands_in_the_channel_where_it_was_begun_find_the_story_in_its_thread(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada)
        joined = await stage.playground.slash(stage.bob, "together join")
        assert f"You take part in <#{thread.id}>." in await told_to(stage, joined)
        status = await told_to(stage, await stage.playground.slash(stage.bob, "together status", channel=thread))
        assert f"Taking part: <@{stage.ada.id}> and <@{stage.bob.id}>" in status
        elsewhere = stage.playground.add_channel("elsewhere")
        for command in ("join", "leave", "skip", "pass", "end", "status"):
            asked = await stage.playground.slash(stage.bob, f"together {command}", channel=elsewhere)
            assert "No story is told together here" in await told_to(stage, asked)
        ended = await stage.playground.slash(stage.ada, "together end", channel=thread)
        assert "It has ended." in await told_to(stage, ended)
        await the_end(stage, thread)


async def test_nobody_reaches_a_story_of_another_server_with_forged_buttons_or_forms(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada, order="round_robin")
        await pressed(stage, stage.bob, thread, "Join")
        await says(stage, thread, turn_of(stage.bob))
        before = stored(stage, STATE) + rows(stage, "SELECT user_id FROM circle_members")
        far = stage.playground.add_channel("far", guild=stage.playground.add_guild("Elsewhere"))
        message = await told(stage, channel=far)
        for press in ("write", "bot", "pass", "skip", "join", "leave", "end", "end_now"):
            forged = await press_forged(stage.playground, stage.bob, message, f"story:turn_{press}:1:3")
            assert "No story is told together here" in await told_to(stage, forged), press
        forged = await press_forged(stage.playground, stage.bob, message, "story:turn_vote:1:3")
        assert "No story is told together here" in await told_to(stage, forged)
    assert stored(stage, STATE) + rows(stage, "SELECT user_id FROM circle_members") == before


async def test_pressing_what_is_for_owners_of_a_story_gives_nobody_power_over_one_told_together(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada)
        message = await says(stage, thread, "Who goes on?")
        for press in ("continue", "retry", "undo", "write", "edit", "rename", "memory", "ask_delete", "delete_here"):
            forged = await press_forged(stage.playground, stage.ada, message, f"story:{press}:1")
            assert "This is somebody else's story" in await told_to(stage, forged), press
    assert rows(stage, "SELECT count(*) FROM passages") == [(1,)]


async def test_who_deletes_their_data_in_their_turn_holds_nobody_up(stage: Stage) -> None:
    clock = HandClock()
    async with talking_bot(stage, clock=clock):
        thread = await begun(stage, stage.ada, order="round_robin")
        await pressed(stage, stage.bob, thread, "Join")
        await says(stage, thread, turn_of(stage.bob))
        await wrote(stage, stage.bob, thread, "Bob begins.")
        await says(stage, thread, turn_of(stage.ada))
        asked = await stage.playground.slash(stage.ada, "privacy delete")
        await told_to(stage, asked)
        assert asked.message is not None
        await stage.playground.press(stage.ada, asked.message, "Delete, but leave my words in others' stories")
        await says(stage, thread, turn_of(stage.bob))
        ended = await stage.playground.slash(stage.bob, "together end", channel=thread)  # the starter is nobody now
        assert "It has ended." in await told_to(stage, ended)
        end = await the_end(stage, thread)
    assert (
        f"Told together by somebody who wants no name here (1 passage) and <@{stage.bob.id}> (1 passage)."
        in end.content
    )
    assert str(stage.ada.id) not in str(stored(stage, "*"))


async def test_an_archived_thread_is_opened_again_for_what_has_to_be_shown(stage: Stage) -> None:
    clock = HandClock()
    async with talking_bot(stage, clock=clock):
        thread = await begun(stage, stage.ada, order="round_robin", turn_minutes=5)
        await pressed(stage, stage.bob, thread, "Join")
        await says(stage, thread, turn_of(stage.bob))
        stage.playground.archive(thread)
        joined = await stage.playground.slash(stage.playground.add_user("Cleo"), "together join")
        assert "You take part" in await told_to(stage, joined)
        await stage.playground.until(lambda: not thread.archived, SECONDS)
        stage.playground.archive(thread)
        clock.advance(300)
        await says(stage, thread, f"<@{stage.bob.id}> did not write in time.")
        assert not thread.archived


async def test_a_story_whose_place_is_gone_ends_without_a_word(stage: Stage) -> None:
    clock = HandClock()
    async with talking_bot(stage, clock=clock):
        thread = await begun(stage, stage.ada, order="round_robin", turn_minutes=5)
        await pressed(stage, stage.bob, thread, "Join")
        await says(stage, thread, turn_of(stage.bob))
        del stage.playground.world.channels[thread.id]
        clock.advance(300)
        refused = f"/channels/{thread.id}/messages"
        requests = stage.playground.requests
        await stage.playground.until(
            lambda: any((asked.method, asked.status) == ("POST", 404) and refused in asked.path for asked in requests),
            SECONDS,
        )
    assert stored(stage, "phase, deadline") == [("ended", None)]


async def test_mentions_and_control_tokens_in_peoples_words_stay_words(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada, passages=3)
        await wrote_raw(stage, thread, f"<EOS> @everyone <@{stage.ada.id}> <horror> **loud**")
        shown = stage.playground.messages(thread)
        assert not any(message.mention_everyone or stage.ada in message.mentions for message in shown)
    assert rows(stage, "SELECT text FROM passages WHERE id = 2") == [(f"\n\n@everyone <@{stage.ada.id}> **loud**",)]


async def wrote_raw(stage: Stage, thread: Channel, words: str) -> None:
    await stage.playground.submit(stage.bob, await form(stage, stage.bob, thread), {"Your words": words})
    await says(stage, thread, "2 of 3 passages")


async def test_who_types_no_beginning_gets_one_and_is_told_whose_it_is(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada, prompt=" ")
        assert "this opening is one of mine" in stage.playground.messages()[0].content
    assert passages(stage, thread)[0] in openings("horror")


async def test_one_person_can_not_fill_a_server_with_stories(stage: Stage) -> None:
    async with talking_bot(stage):
        for _ in range(3):
            await begun(stage, stage.ada)
        asked = await stage.playground.slash(stage.ada, "together start", {"genre": "drama"})
        assert "You have begun 3 stories here that still go on" in await answered(asked)
        await begun(stage, stage.bob)
    assert rows(stage, "SELECT count(*) FROM stories") == [(4,)]


async def test_empty_and_too_long_words_are_declined_and_given_back(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada)
        sent = await stage.playground.submit(stage.bob, await form(stage, stage.bob, thread), {"Your words": "<EOS>"})
        assert "There are no words in this" in await told_to(stage, sent)
    assert stored(stage, "passages_told") == [(1,)]

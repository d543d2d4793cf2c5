"""Stories told together: in turns, with deadlines, with the bot between, and to their end."""

from __future__ import annotations

from bot.playground.world import EMBED_LINKS, MEMBER_PERMISSIONS, PIN_MESSAGES, PUBLIC_THREAD, SEND_MESSAGES
from tests.e2e.acting import rows
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
        told = await told_to(stage, asked)
    assert "I lack the permissions Embed Links, Send Messages" in told
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
        told = await told_to(stage, sent)
    assert "The story has gone on meanwhile" in told
    assert "Bob's fine words." in told
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
        told = rows(stage, "SELECT author FROM passages ORDER BY id")
        assert told == [("person",), ("model",), ("person",), ("model",)]
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

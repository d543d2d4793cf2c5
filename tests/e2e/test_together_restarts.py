"""Stories told together that outlive restarts, deadlines that pass meanwhile, people who go, and votes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.app import StoryBot
from bot.config import Config
from bot.playground import Channel, Message, Playground, User
from bot.store import StoryStore
from storygen.errors import EngineFailed
from tests.e2e.acting import changed_in, rows
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
from tests.e2e.person import talking_bot
from tests.e2e.reading import SECONDS, labels
from tests.fakes.hand_clock import HandClock
from tests.fakes.scripted_engine import ScriptedEngine
from tests.load.crowd import bot_process


async def test_five_people_tell_ten_passages_in_a_round_whatever_happens_on_the_way(stage: Stage) -> None:
    clock, playground = HandClock(), stage.playground
    ada, bob = stage.ada, stage.bob
    cleo, dan, eve = (playground.add_user(name) for name in ("Cleo", "Dan", "Eve"))
    async with talking_bot(stage, clock=clock):
        thread = await begun(stage, ada, order="round_robin", turn_minutes=10, passages=10)
        for person in (bob, cleo, dan, eve):
            await pressed(stage, person, thread, "Join")
            await says(stage, thread, f"<@{person.id}>")
        await says(stage, thread, turn_of(bob))
        await wrote(stage, bob, thread, "Bob opens it.")
        await says(stage, thread, turn_of(cleo))
    async with talking_bot(stage, clock=clock):  # the first restart
        await wrote(stage, cleo, thread, "Cleo looks in.")
        await says(stage, thread, turn_of(dan))
        clock.advance(600)  # Dan sleeps
        await says(stage, thread, turn_of(eve), f"<@{dan.id}> did not write in time.")
        refused = await pressed(stage, bob, thread, "Write")
        assert f"It is the turn of <@{eve.id}>" in await told_to(stage, refused)
        await wrote(stage, eve, thread, "Eve hears a step.")
        await says(stage, thread, turn_of(ada))
        await wrote(stage, ada, thread, "Ada holds her breath.")
        await wrote(stage, bob, thread, "Bob lights a match.")
        await says(stage, thread, turn_of(cleo))
        left = await playground.slash(cleo, "together leave", channel=thread)
        assert "You take part no more" in await told_to(stage, left)
        await says(stage, thread, turn_of(dan), f"<@{cleo.id}> takes part no more.")
    clock.advance(3 * 600)  # Dan's time passes, and much more
    async with talking_bot(stage, clock=clock):  # the second restart
        await says(stage, thread, turn_of(eve), f"<@{dan.id}> did not write in time.")
        await wrote(stage, eve, thread, "Eve runs.")
        await wrote(stage, ada, thread, "Ada follows.")
        await wrote(stage, bob, thread, "Bob stays.")
        await wrote(stage, dan, thread, "Dan wakes up, and it was a dream.")
        end = await the_end(stage, thread)
        await playground.until(lambda: controls(stage, thread) is None, SECONDS)
        told = [
            FIRST, "Bob opens it.", "Cleo looks in.", "Eve hears a step.", "Ada holds her breath.",
            "Bob lights a match.", "Eve runs.", "Ada follows.", "Bob stays.", "Dan wakes up, and it was a dream.",
        ]  # fmt: skip
        assert passages(stage, thread) == told
        assert end.embeds[0]["description"] == "\n\n".join(told)
        assert end.content == (
            f"**The end.** Told together by <@{ada.id}> (3 passages), <@{bob.id}> (3 passages), "
            f"<@{eve.id}> (2 passages), <@{cleo.id}> (1 passage) and <@{dan.id}> (1 passage)."
        )
        text = await exported(stage, end, "Text")
        told_by = (
            "Told together by Ada (3 passages), Bob (3 passages), Eve (2 passages), Cleo (1 passage) and "
            "Dan (1 passage)."
        )
        assert "\n\n".join(told) in text.replace("\r", "")
        assert told_by in text
        people = json.loads(await exported(stage, end, "JSON"))["people"]
        assert [person["name"] for person in people] == ["Ada", "Bob", "Cleo", "Eve", "Dan"]
    assert stored(stage, "phase, passages_told, deadline") == [("ended", 10, None)]


async def exported(stage: Stage, end: Message, kind: str) -> str:
    """Take the story along as a file, as anybody may, and give what is in it."""
    asked = await stage.playground.press(stage.bob, end, next(name for name in labels(end) if "Export" in name))
    await asked.until(lambda shown: shown.followups or (shown.message and labels(shown.message)), SECONDS)
    offered = asked.message if asked.message is not None and asked.message is not end else asked.followups[-1]
    given = await stage.playground.press(stage.bob, offered, next(name for name in labels(offered) if kind in name))

    def file() -> Message | None:
        messages = [message for message in (given.message, *given.followups) if message is not None]
        return next((message for message in messages if message.attachments), None)

    found: Message = await stage.playground.until(file, SECONDS)
    return found.attachments[0].data.decode()


CANDIDATES: list[str | Exception] = [" One bat.", " Two bats.", " Three bats."]


async def test_a_vote_during_which_the_bot_restarts_ends_at_the_right_time_with_the_right_winner(stage: Stage) -> None:
    clock = HandClock()
    cleo = stage.playground.add_user("Cleo")
    async with talking_bot(stage, ScriptedEngine(list(CANDIDATES)), clock=clock):
        thread = await begun(stage, stage.ada, vote=True, turn_minutes=5)
        for person in (stage.bob, cleo):
            await pressed(stage, person, thread, "Join")
        await says(stage, thread, f"<@{cleo.id}>")
        await pressed(stage, stage.ada, thread, "Let the bot go on")
        vote = await says(stage, thread, "How does it go on?")
        assert [embed["description"] for embed in vote.embeds] == ["One bat.", "Two bats.", "Three bats."]
        await pressed(stage, stage.bob, thread, "2 · 0 votes")
        await counts(stage, vote, "2 · 1 vote")
        await pressed(stage, stage.ada, thread, "3 · 0 votes")
        await counts(stage, vote, "3 · 1 vote")
        stranger = stage.playground.add_user("Dan")
        assert "You don't take part" in await told_to(stage, await pressed(stage, stranger, thread, "1 · "))
    clock.advance(299)
    async with talking_bot(stage, ScriptedEngine(), clock=clock):
        await pressed(stage, stage.ada, thread, "1 · 0 votes")  # changes her mind
        await counts(stage, vote, "1 · 1 vote", "2 · 1 vote", "3 · 0 votes")
        assert passages(stage, thread) == [FIRST]
        clock.advance(1)
        await says(stage, thread, "The vote is over.", "Who goes on?", "2 of 12 passages")
        # As many votes, but Bob's came first.
        assert passages(stage, thread) == [FIRST, "Two bats."]
        late = await stage.playground.press(stage.ada, await as_it_was(stage, vote), labels(vote)[0])
        assert "came too late" in await told_to(stage, late)
    assert rows(stage, "SELECT text FROM stories JOIN passages ON passages.id = head_id") == [(" Two bats.",)]
    assert rows(stage, "SELECT count(*) FROM circle_votes") == [(0,)]


async def as_it_was(stage: Stage, message: Message) -> Message:
    """Give a message that was deleted as somebody still has it before their eyes."""
    await stage.playground.until(lambda: message.deleted, SECONDS)
    message.deleted = False
    return message


async def counts(stage: Stage, vote: Message, *votes: str) -> None:
    """Wait until the buttons count so many votes."""
    await stage.playground.until(lambda: set(votes) <= set(labels(vote)), SECONDS)


async def test_a_vote_is_over_as_soon_as_all_have_voted(stage: Stage) -> None:
    async with talking_bot(stage, ScriptedEngine(list(CANDIDATES)), clock=HandClock()):
        thread = await begun(stage, stage.ada, vote=True)
        await pressed(stage, stage.ada, thread, "Let the bot go on")
        await says(stage, thread, "How does it go on?")
        await pressed(stage, stage.ada, thread, "3 · 0 votes")
        await says(stage, thread, "Who goes on?")
    assert passages(stage, thread) == [FIRST, "Three bats."]


async def test_what_the_bot_was_writing_when_it_was_killed_is_written_after_the_restart(stage: Stage) -> None:
    async with killed_bot(stage, ScriptedEngine()):
        thread = await begun(stage, stage.ada)
        await pressed(stage, stage.ada, thread, "Let the bot go on")
        await stage.playground.until(lambda: "Stop" in words_and_labels(stage, thread), SECONDS)
    async with talking_bot(stage, ScriptedEngine([" A bat."])):
        await says(stage, thread, "2 of 12 passages")
        assert passages(stage, thread) == [FIRST, "A bat."]


def words_and_labels(stage: Stage, place: Channel) -> set[str]:
    return {label for message in stage.playground.messages(place) for label in labels(message)}


async def test_a_passage_that_could_not_be_shown_is_shown_a_minute_later(stage: Stage) -> None:
    clock = HandClock()
    async with talking_bot(stage, clock=clock):
        thread = await begun(stage, stage.ada)
        opened = await form(stage, stage.bob, thread)
        stage.playground.trouble(status=403, part=f"/channels/{thread.id}/messages")
        sent = await stage.playground.submit(stage.bob, opened, {"Your words": "Unseen."})
        await sent.acknowledged()
        await stage.playground.until(lambda: any(asked.status == 403 for asked in stage.playground.requests), SECONDS)
        await stage.playground.until(lambda: sent.original is not None and sent.original.deleted, SECONDS)
        await says(stage, thread, "1 of 12 passages")
        status = await stage.playground.slash(stage.ada, "queue")  # so that the alarm has looked
        await told_to(stage, status)
        clock.advance(60)
        clock.advance(60)
        await says(stage, thread, "2 of 12 passages")
    assert passages(stage, thread) == [FIRST, "Unseen."]


async def test_a_passage_that_could_not_be_shown_is_shown_after_the_restart(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada)
        opened = await form(stage, stage.bob, thread)
        stage.playground.trouble(status=403, part=f"/channels/{thread.id}/messages")
        await stage.playground.submit(stage.bob, opened, {"Your words": "Unseen."})
        await stage.playground.until(lambda: stored(stage, "passages_told, shown_turn < turn") == [(2, 1)], SECONDS)
    assert passages(stage, thread) == [FIRST]
    async with talking_bot(stage):
        await says(stage, thread, "2 of 12 passages")
    assert passages(stage, thread) == [FIRST, "Unseen."]


async def test_a_killed_bot_keeps_a_deadline_that_passed_meanwhile(tiny_checkpoint: Path, tmp_path: Path) -> None:
    async with Playground(message_limit=1000) as playground:
        there = Stage(playground, Config(database_path=tmp_path / "stories.sqlite3"), *people(playground))
        settings = {"STORY_MODEL": str(tiny_checkpoint), "STORY_DEVICE": "cpu"}
        async with bot_process(playground, tmp_path, **settings) as process:
            thread = await begun(there, there.ada, order="round_robin", turn_minutes=30)
            await pressed(there, there.bob, thread, "Join")
            await says(there, thread, turn_of(there.bob))
            process.kill()
            await process.wait()
        changed_in(there, "UPDATE circles SET deadline = deadline - 7200")
        async with bot_process(playground, tmp_path, **settings):
            await says(there, thread, turn_of(there.ada), f"<@{there.bob.id}> did not write in time.")
            await wrote(there, there.ada, thread, "Ada goes on.")
            await says(there, thread, turn_of(there.bob))
        assert playground.unknown_routes == []


@pytest.mark.slow
async def test_five_people_tell_ten_passages_in_a_round_with_a_bot_that_is_killed_twice(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    settings = {"STORY_MODEL": str(tiny_checkpoint), "STORY_DEVICE": "cpu"}
    async with Playground(message_limit=1000) as playground:
        there = Stage(playground, Config(database_path=tmp_path / "stories.sqlite3"), *people(playground))
        ada, bob = there.ada, there.bob
        cleo, dan, eve = (playground.add_user(name) for name in ("Cleo", "Dan", "Eve"))
        async with bot_process(playground, tmp_path, **settings) as process:
            thread = await begun(there, ada, order="round_robin", turn_minutes=30, passages=10)
            for person in (bob, cleo, dan, eve):
                await pressed(there, person, thread, "Join")
                await says(there, thread, f"<@{person.id}>")
            await wrote(there, bob, thread, "Bob opens it.")
            await wrote(there, cleo, thread, "Cleo looks in.")
            await says(there, thread, turn_of(dan))
            refused = await pressed(there, bob, thread, "Write")
            assert f"It is the turn of <@{dan.id}>" in await told_to(there, refused)
            process.kill()
            await process.wait()
        changed_in(there, "UPDATE circles SET deadline = deadline - 7200")  # Dan sleeps
        async with bot_process(playground, tmp_path, **settings) as process:
            await says(there, thread, turn_of(eve), f"<@{dan.id}> did not write in time.")
            await wrote(there, eve, thread, "Eve hears a step.")
            await wrote(there, ada, thread, "Ada holds her breath.")
            await wrote(there, bob, thread, "Bob lights a match.")
            await says(there, thread, turn_of(cleo))
            await playground.slash(cleo, "together leave", channel=thread)
            await says(there, thread, turn_of(dan), f"<@{cleo.id}> takes part no more.")
            process.kill()
            await process.wait()
        async with bot_process(playground, tmp_path, **settings):
            await says(there, thread, turn_of(dan))
            told = ["Dan wakes up.", "Eve runs.", "Ada follows.", "Bob stays."]
            for person, words in zip((dan, eve, ada, bob), told, strict=True):
                await wrote(there, person, thread, words)
            end = await the_end(there, thread)
            whole = [FIRST, "Bob opens it.", "Cleo looks in.", "Eve hears a step.", "Ada holds her breath."]
            whole += ["Bob lights a match.", *told]
            assert passages(there, thread) == whole
            assert end.content == (
                f"**The end.** Told together by <@{ada.id}> (3 passages), <@{bob.id}> (3 passages), "
                f"<@{eve.id}> (2 passages), <@{cleo.id}> (1 passage) and <@{dan.id}> (1 passage)."
            )
            assert "\n\n".join(whole) in (await exported(there, end, "Text")).replace("\r", "")
        assert stored(there, "phase, passages_told, deadline") == [("ended", 10, None)]


def people(playground: Playground) -> tuple[User, User]:
    return playground.add_user("Ada"), playground.add_user("Bob")


@asynccontextmanager
async def killed_bot(stage: Stage, engine: ScriptedEngine) -> AsyncIterator[StoryBot]:
    """Run a bot that goes without a word: nothing that it does is waited for."""
    config = stage.config.model_copy(update={"edit_seconds": 0.0})
    async with StoryStore(config.database_path) as store, StoryBot(config, store, engine) as bot:
        running = asyncio.create_task(bot.start(stage.playground.token))
        await stage.playground.bot_ready()
        yield bot
        await bot.close()
        await running
    await stage.playground.bot_gone()


async def test_buttons_that_a_crash_has_left_behind_go_when_somebody_presses_them(stage: Stage) -> None:
    async with talking_bot(stage):
        thread = await begun(stage, stage.ada)
        left = await says(stage, thread, "Who goes on?")
    changed_in(stage, "UPDATE circles SET message_id = NULL, shown_turn = 0")
    async with talking_bot(stage):
        await stage.playground.until(lambda: controls(stage, thread) not in {None, left}, SECONDS)
        await stage.playground.press(stage.bob, left, "🙋 Join")
        await stage.playground.until(lambda: left.deleted, SECONDS)
        await says(stage, thread, f"<@{stage.ada.id}> and <@{stage.bob.id}>")


@pytest.mark.parametrize("vote", [False, True])
async def test_where_the_bot_can_not_go_on_it_says_why_and_whoever_asked_has_their_turn_again(
    stage: Stage, vote: bool
) -> None:
    async with talking_bot(stage, ScriptedEngine([EngineFailed()] * 6)):
        thread = await begun(stage, stage.ada, order="round_robin", vote=vote)
        await pressed(stage, stage.bob, thread, "Join")
        await says(stage, thread, turn_of(stage.bob))
        await pressed(stage, stage.bob, thread, "Let the bot go on")
        await says(stage, thread, turn_of(stage.bob), "The model stumbled over this one.")
        await wrote(stage, stage.bob, thread, "Then I do it myself.")
        await says(stage, thread, turn_of(stage.ada))
    assert passages(stage, thread) == [FIRST, "Then I do it myself."]


async def test_of_candidates_that_are_the_same_or_missing_only_the_others_are_voted_on(stage: Stage) -> None:
    engine = ScriptedEngine([" One bat.", " One bat.", EngineFailed(), " A cat.", " A cat.", " A cat."])
    async with talking_bot(stage, engine, clock=HandClock()):
        thread = await begun(stage, stage.ada, vote=True)
        await pressed(stage, stage.ada, thread, "Let the bot go on")
        await says(stage, thread, "2 of 12 passages")  # one is no choice
        await pressed(stage, stage.ada, thread, "Let the bot go on")
        await says(stage, thread, "3 of 12 passages")
    assert passages(stage, thread) == [FIRST, "One bat.", "A cat."]


async def test_a_story_that_is_ended_while_the_bot_writes_ends_where_it_was(stage: Stage) -> None:
    async with talking_bot(stage, ScriptedEngine([" One bat."])):
        thread = await begun(stage, stage.ada, bot="between")
        await wrote(stage, stage.bob, thread, "Bob goes on.")
        await stage.playground.until(lambda: "Stop" in words_and_labels(stage, thread), SECONDS)
        ended = await stage.playground.slash(stage.ada, "together end", channel=thread)
        assert "It has ended." in await told_to(stage, ended)
        await the_end(stage, thread)
    assert rows(stage, "SELECT text FROM stories JOIN passages ON passages.id = head_id") == [("Bob goes on.",)]

"""Bad days of Discord's REST side: too many requests, slow answers, none at all; and places that are deleted."""

from __future__ import annotations

import asyncio

import pytest

from bot.look import live_message
from bot.playground.clock import ManualClock
from bot.playground.interactions import Interaction
from bot.playground.world import PUBLIC_THREAD, Channel
from storygen.generation import Piece
from tests.e2e.acting import rows
from tests.e2e.conftest import Stage
from tests.e2e.reading import finished, is_finished, shown_text
from tests.fakes.scripted_engine import ScriptedEngine

EDITS = "PATCH /api/v10/webhooks/"
CALLBACK = "/callback"


async def begun(stage: Stage, engine: ScriptedEngine, *, channel: Channel | None = None) -> Interaction:
    """Ask for a story, let the model write its first words, and wait until they are shown."""
    options = {"genre": "horror", "prompt": "The lake"}
    asked = await stage.playground.slash(stage.ada, "story", options, channel=channel)
    await asked.until(lambda shown: shown.message and "Next in" in shown_text(shown.message), 30)
    engine.generations[-1].receive(Piece(" was as still as"))
    await asked.until(lambda shown: shown.message and "was ▌" in shown_text(shown.message), 30)
    return asked


async def nothing_open(stage: Stage) -> None:
    """Wait until the bot has noted that every message shows its end."""
    async with asyncio.timeout(10):
        while rows(stage, "SELECT count(*) FROM open_answers") != [(0,)]:  # noqa: ASYNC110 - the disk tells nobody
            await asyncio.sleep(0.01)


async def test_the_limit_for_all_requests_together_is_waited_for(stage: Stage) -> None:
    engine = ScriptedEngine()
    async with stage.bot(engine):
        asked = await begun(stage, engine)
        stage.playground.rate_limit(count=2, retry_after=0.2, part="PATCH", everywhere=True)
        engine.answer(" glass.")
        message = await finished(asked)
    assert shown_text(message) == "The lake was as still as glass."


async def test_an_answer_that_discord_takes_too_late_begins_no_story(stage: Stage) -> None:
    engine = ScriptedEngine([" was still."] * 3)
    async with stage.bot(engine):
        await finished(await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": "The lake"}))
        hold = stage.playground.hold(CALLBACK)
        late = await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": "The sea"})
        await stage.playground.until(lambda: late.failed, 10)
        hold.release()
        after = await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": "The hill"})
        assert shown_text(await finished(after)) == "The hill was still."
    assert rows(stage, "SELECT text FROM passages WHERE author = 'person'") == [("The lake",), ("The hill",)]


async def test_edits_that_are_never_answered_are_given_up_and_the_end_is_shown(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_message, "EDIT_PATIENCE", 0.2)
    engine = ScriptedEngine()
    async with stage.bot(engine):
        asked = await begun(stage, engine)
        hold = stage.playground.hold(EDITS)
        engine.generations[-1].receive(Piece(" glass"))
        await stage.playground.until(lambda: hold.held >= 2, 10)
        hold.release()
        engine.answer(" at noon.")
        message = await finished(asked)
    assert shown_text(message) == "The lake was as still as glass at noon."


async def test_an_end_that_discord_did_not_take_is_shown_after_the_next_start(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_message, "EDIT_PATIENCE", 0.1)
    engine = ScriptedEngine()
    async with stage.bot(engine):
        asked = await begun(stage, engine)
        message = asked.message
        assert message is not None
        hold = stage.playground.hold(EDITS)
        engine.answer(" glass.")
        await stage.playground.until(lambda: hold.held >= live_message.LAST_TRIES, 10)
    assert "▌" in shown_text(message)
    hold.release()
    async with stage.bot(ScriptedEngine()):
        await stage.playground.until(lambda: is_finished(message), 10)
        assert shown_text(message) == "The lake was as still as glass."
        assert message.content == ""
        await nothing_open(stage)


@pytest.mark.parametrize("stage", [ManualClock()], indirect=True, ids=["clock by hand"])
async def test_a_message_whose_key_is_too_old_after_the_start_is_changed_as_the_bots_own(stage: Stage) -> None:
    clock = stage.playground.clock
    assert isinstance(clock, ManualClock)
    engine = ScriptedEngine()
    async with stage.bot(engine, grace_seconds=0.01):
        asked = await begun(stage, engine)
        message = asked.message
        assert message is not None
        clock.advance(15 * 60)
        engine.answer(" glass.")
        await stage.playground.until(lambda: rows(stage, "SELECT 1 FROM passages WHERE state = 'done'"), 10)
    assert not is_finished(message)
    async with stage.bot(ScriptedEngine()):
        await stage.playground.until(lambda: is_finished(message), 10)
    assert shown_text(message) == "The lake was as still as glass."


@pytest.mark.parametrize("what", ["message", "channel", "thread", "parent of the thread"])
async def test_a_story_whose_place_is_deleted_while_it_grows_stops_and_is_kept(stage: Stage, what: str) -> None:
    engine = ScriptedEngine()
    parent = stage.playground.add_channel("here")
    channel = stage.playground.world.add_channel("thread", kind=PUBLIC_THREAD, guild=parent.guild, parent=parent)
    place = channel if "thread" in what else parent
    async with stage.bot(engine):
        asked = await begun(stage, engine, channel=place)
        assert asked.message is not None
        if what == "message":
            stage.playground.delete_message(asked.message)
        else:
            stage.playground.delete_channel(parent if what == "parent of the thread" else place)
        engine.generations[-1].receive(Piece(" glass"))
        await stage.playground.until(lambda: engine.generations[-1].done, 10)
        await stage.playground.slash(stage.bob, "ping")
        await stage.playground.until(lambda: rows(stage, "SELECT 1 FROM passages WHERE state = 'stopped'"), 10)
        asked = await stage.playground.slash(stage.ada, "stories open", {"story": "1"})
        assert shown_text(await finished(asked)) == "The lake was as still as glass"
        await nothing_open(stage)

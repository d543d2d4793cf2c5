"""Bad days of the gateway while stories are told: invalid sessions, storms of reconnects, silence, no welcome."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import welcome
from bot.playground.interactions import Interaction
from tests.e2e.acting import rows
from tests.e2e.conftest import Stage
from tests.e2e.reading import finished, shown_text


async def begun(stage: Stage) -> Interaction:
    """Ask for a story and wait until its first words are shown."""
    asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "max_length": 100})
    await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message), 30)
    return asked


async def ends_well(stage: Stage, asked: Interaction) -> None:
    """Hold what is shown at the end against what is stored, and see that the bot still hears people."""
    message = await finished(asked)
    await stage.playground.bot_ready()
    assert shown_text(message) == "".join(text for (text,) in rows(stage, "SELECT text FROM passages ORDER BY id"))
    pong = await stage.playground.slash(stage.ada, "ping")
    await pong.acknowledged()


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_invalid_session_does_not_disturb_a_story(
    stage: Stage, slow_checkpoint: Path, resumable: bool
) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await begun(stage)
        before = stage.playground.gateway.identifies
        stage.playground.invalidate_sessions(resumable=resumable)
        await ends_well(stage, asked)
        assert stage.playground.gateway.identifies - before == (0 if resumable else 1)


async def test_a_storm_of_reconnects_does_not_disturb_a_story_and_loses_no_command(
    stage: Stage, slow_checkpoint: Path
) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await begun(stage)
        for number in range(9):
            await stage.playground.disconnect_bot(ask=bool(number % 2))
            missed = await stage.playground.slash(stage.bob, "ping")
            await missed.acknowledged()
            await stage.playground.bot_ready()
        await ends_well(stage, asked)
    assert stage.playground.gateway.resumes >= 9
    assert [one.failed for one in stage.playground.interactions if one.failed] == []


async def test_a_connection_that_is_dead_without_a_word_is_given_up_and_what_was_missed_comes(
    stage: Stage, slow_checkpoint: Path
) -> None:
    stage.playground.gateway._interval = 0.1
    async with stage.bot(story_model=str(slow_checkpoint)) as bot:
        asked = await begun(stage)
        bot._connection.heartbeat_timeout = 0.5  # for the next connection
        await stage.playground.disconnect_bot()
        await stage.playground.bot_ready()
        resumes = stage.playground.gateway.resumes
        stage.playground.gateway.silent = True
        await stage.playground.until(lambda: stage.playground.gateway.resumes > resumes, 30)
        stage.playground.gateway.silent = False
        await ends_well(stage, asked)


async def test_a_bot_that_is_never_welcomed_logs_in_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(welcome, "WELCOME_SECONDS", 0.1)
    stage.playground.gateway.unwelcoming = 1
    async with stage.bot() as bot:
        await stage.playground.until(lambda: stage.playground.gateway.identifies >= 2, 30)
        await bot.wait_until_ready()
        await finished(await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": "The lake"}))

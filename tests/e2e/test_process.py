"""The bot as a process of its own: many people at once, signals, restarts."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from pathlib import Path
from typing import Any

from bot.look.mending import INTERRUPTED
from bot.playground import Playground
from tests.e2e.conftest import openapi_violations
from tests.e2e.reading import is_finished, shown_text
from tests.load.crowd import bot_process, crowd

PROMPT = "The lantern burned low"


def rows(folder: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(folder / "stories.sqlite3")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def has_words(shown: str) -> bool:
    """Say whether a passage grows and has more than the prompt."""
    return shown.endswith("▌") and len(shown.split()) > len(PROMPT.split()) + 2


async def test_twenty_people_at_once_each_get_their_own_story_stored_as_it_is_shown(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    async with Playground() as playground, bot_process(playground, tmp_path, STORY_MODEL=str(tiny_checkpoint)):
        visits = await crowd(playground, 20, prompt=PROMPT, max_length=120)
        violations = openapi_violations(playground)
    stored = dict(
        rows(
            tmp_path,
            "SELECT below.user_id, above.text || below.text FROM passages AS below"
            " JOIN passages AS above ON above.id = below.parent_id WHERE below.state = 'done'",
        )
    )
    assert {visit.user.id: shown_text(visit.message) for visit in visits} == stored
    assert len(stored) == 20
    assert violations == []
    assert playground.unknown_routes == []
    assert playground.late_heartbeats == []


async def test_sigterm_ends_in_time_with_no_half_written_row_and_the_story_goes_on_after_a_restart(
    slow_checkpoint: Path, tmp_path: Path
) -> None:
    async with Playground() as playground:
        ada = playground.add_user("Ada")
        async with bot_process(
            # A part of the grace period is for stories to end by themselves, which this one must not do.
            playground,
            tmp_path,
            STORY_MODEL=str(slow_checkpoint),
            STORY_DTYPE="float32",
            GRACE_SECONDS="3",
        ) as process:
            asked = await playground.slash(ada, "story", {"genre": "horror", "prompt": PROMPT, "max_length": 800})
            await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message), 60)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 10) == 0
        assert asked.message is not None
        assert is_finished(asked.message)
        ((state, text),) = rows(tmp_path, "SELECT state, text FROM passages WHERE author = 'model'")
        assert state == "stopped"
        assert shown_text(asked.message) == f"{PROMPT}{text}"
        async with bot_process(playground, tmp_path, STORY_MODEL=str(slow_checkpoint), STORY_DTYPE="float32"):
            pressed = await playground.press(ada, asked.message, "Continue")
            await pressed.until(lambda shown: any(map(is_finished, shown.followups)), 60)
    assert rows(tmp_path, "SELECT state FROM passages ORDER BY id DESC LIMIT 1") == [("done",)]


async def test_after_a_kill_the_message_shows_all_that_was_read_and_the_story_goes_on(
    slow_checkpoint: Path, tmp_path: Path
) -> None:
    async with Playground() as playground:
        ada = playground.add_user("Ada")
        async with bot_process(
            playground, tmp_path, STORY_MODEL=str(slow_checkpoint), STORY_DTYPE="float32"
        ) as process:
            asked = await playground.slash(ada, "story", {"genre": "horror", "prompt": PROMPT, "max_length": 800})
            # With a word of the model's: before the first one there is nothing to go on from.
            await asked.until(lambda shown: shown.message and has_words(shown_text(shown.message)), 60)
            process.kill()
            await process.wait()
        message = asked.message
        assert message is not None
        read = shown_text(message).removesuffix(" ▌")
        async with bot_process(playground, tmp_path, STORY_MODEL=str(slow_checkpoint), STORY_DTYPE="float32"):
            await playground.until(lambda: is_finished(message), 30)
            ((state, text),) = rows(tmp_path, "SELECT state, text FROM passages WHERE author = 'model'")
            assert state == "stopped"
            assert shown_text(message) == f"{PROMPT}{text}"
            assert f"{PROMPT}{text}".startswith(read)
            assert message.content == INTERRUPTED
            pressed = await playground.press(ada, message, "Continue")
            await pressed.until(lambda shown: any(map(is_finished, shown.followups)), 60)

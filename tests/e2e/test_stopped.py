"""SIGTERM while many stories wait and are written: every message comes to its end, and every row as well."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.playground import Playground
from tests.e2e.reading import closed_up, labels, plain, shown_text
from tests.fakes.killable_bot import killable_bot

PEOPLE = 12
PROMPT = "The lantern burned low"


@pytest.mark.slow  # and its noise has marks in it that a reader of markdown may take away
async def test_sigterm_under_load_leaves_nothing_growing_waiting_or_thinking(
    slow_checkpoint: Path, tmp_path: Path
) -> None:
    async with Playground(message_limit=1000) as playground:
        people = [playground.add_user(f"Visitor {number}") for number in range(PEOPLE)]
        settings = {"STORY_MODEL": str(slow_checkpoint), "STORY_DTYPE": "float32"}
        settings |= {"STORY_ROWS": "3", "GRACE_SECONDS": "10"}
        async with killable_bot(playground, tmp_path, **settings) as process:
            for person in people:
                await playground.slash(person, "story", {"genre": "horror", "prompt": PROMPT, "max_length": 800})
            await playground.until(lambda: any("▌" in shown_text(one) for one in playground.messages()), 60)
            process.terminate()
            await asyncio.to_thread(process.join, 30)
            assert process.exitcode == 0
        messages = playground.messages()
        with closing(sqlite3.connect(tmp_path / "stories.sqlite3")) as connection:
            texts = dict(connection.execute("SELECT id, text FROM passages WHERE author = 'model'").fetchall())
            states = {state for (state,) in connection.execute("SELECT state FROM passages WHERE author = 'model'")}
            left = connection.execute("SELECT count(*) FROM open_answers").fetchone()
    assert len(messages) == PEOPLE
    assert not any(message.loading or "Stop" in labels(message) for message in messages)
    assert states <= {"stopped", "done"}
    assert left == (0,)
    for message in messages:
        found = re.search(r"story:undo:(\d+)", str(message.components))
        if found is not None:
            text = plain(texts[int(found[1])]) or "Stopped before the first word.*"
            assert closed_up(shown_text(message)).endswith(closed_up(text))
    assert any(text for text in texts.values())

"""The whole bot with servers that write for it: the stand-in completions server behind, the playground in front."""

from __future__ import annotations

import sqlite3
from typing import Any

from tests.e2e.conftest import Stage
from tests.e2e.reading import finished, footer, is_finished, labels, noted, shown_text
from tests.fakes.completions_server import CompletionsServer, dead_url, event, hang, raw, status, story

PROMPT = "Batman is hunting down"
TOLD = story(" the Joker", " in the <hor", "ror> dark.", " Nobody sleeps.", " Then")


def on(*urls: str) -> dict[str, Any]:
    return {"story_engine": "remote", "remote_base_url": ", ".join(urls)}


async def test_a_story_and_its_continuation_come_from_the_server(stage: Stage) -> None:
    async with CompletionsServer(TOLD, story(" Dawn comes.")) as server, stage.bot(**on(dead_url(), server.url)):
        message = await finished(
            await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": PROMPT, "seed": 812})
        )
        pressed = await stage.playground.press(stage.ada, message, "Continue")
        await pressed.until(lambda shown: any(is_finished(each) for each in shown.followups))
    assert shown_text(message) == f"{PROMPT} the Joker in the dark. Nobody sleeps."
    assert footer(message).startswith("AI-generated · Horror · seed 812 · ")
    assert shown_text(pressed.followups[0]) == "Dawn comes."
    first, second = server.bodies
    assert (first["prompt"], first["seed"]) == (f"<BOS> <horror> {PROMPT}", 812)
    assert second["prompt"] == f"<BOS> <horror> {PROMPT} the Joker in the dark. Nobody sleeps."
    with sqlite3.connect(stage.config.database_path) as connection:
        stored = connection.execute("SELECT state, model FROM passages WHERE author = 'model'").fetchall()
    connection.close()
    assert stored == [("done", "stand-in"), ("done", "stand-in")]


async def test_stop_lets_the_server_go(stage: Stage) -> None:
    async with CompletionsServer(hang(event(" the Joker"))) as server, stage.bot(**on(server.url)):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "prompt": PROMPT})
        await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message))
        assert asked.message is not None
        assert labels(asked.message) == ["Stop"]
        await stage.playground.press(stage.ada, asked.message, "Stop")
        message = await finished(asked)
        await server.asked[0].left.wait()
    assert shown_text(message) == f"{PROMPT} the Joker"
    assert footer(message).endswith("stopped")


async def test_a_story_that_breaks_off_is_a_sentence_and_can_be_written_anew(stage: Stage) -> None:
    async with CompletionsServer(raw(event(" the Joker"), cut=True)) as server, stage.bot(**on(server.url)):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "prompt": PROMPT})
        assert (await noted(asked)).startswith("The model stumbled over this one.")
    assert len(server.asked) == 1


async def test_a_server_that_refuses_the_key_is_a_sentence(stage: Stage) -> None:
    async with CompletionsServer(status(401)) as server, stage.bot(**on(server.url)):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "prompt": PROMPT})
        assert (await noted(asked)).startswith("The server that writes for me does not accept my requests.")

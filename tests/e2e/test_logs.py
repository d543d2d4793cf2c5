"""What the bot's log says while people write, at its most talkative: much, but never what they wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.playground import Playground
from tests.e2e.acting import press_forged
from tests.e2e.reading import answered, finished, is_finished, shown_text
from tests.load.crowd import bot_process

SECRET = "The zanzibarine umbrellaphant"  # noqa: S105 - a prompt
TITLE = "Quixotropolis"
WRITTEN = "And the velocipeding marmaladier"


async def write_secrets(playground: Playground) -> str:
    """Let somebody write in every way in which people write; give what the model wrote."""
    ada = playground.add_user("Ada Umlautova")
    asked = await playground.slash(ada, "story", {"genre": "horror", "prompt": SECRET, "title": TITLE})
    message = await finished(asked)
    form = await playground.press(ada, message, "Write")
    await form.until(lambda shown: shown.modal)
    sent = await playground.submit(ada, form, {"Your words": WRITTEN})
    await sent.until(lambda shown: any(map(is_finished, shown.followups)), 60)
    explored = await playground.slash(ada, "explore", {"genre": "horror", "prompt": SECRET})
    await explored.until(lambda shown: shown.message and shown.message.embeds, 60)
    await answered(await playground.slash(ada, "story", {"genre": "horror", "prompt": SECRET, "preset": TITLE}))
    return shown_text(message)


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_the_log_at_debug_has_no_prompt_no_story_no_name_and_no_token(
    tiny_checkpoint: Path, tmp_path: Path, log_format: str
) -> None:
    settings = {"STORY_MODEL": str(tiny_checkpoint), "LOG_LEVEL": "DEBUG", "LOG_FORMAT": log_format}
    settings["METRICS_ADDRESS"] = "127.0.0.1:0"  # a free port
    async with Playground() as playground, bot_process(playground, tmp_path, **settings):
        story = await write_secrets(playground)
        paths = [request.path.split("/") for request in playground.requests if "/webhooks/" in request.path]
        tokens = [playground.token, *(part for path in paths for part in path if len(part) > 30)]

    log = (tmp_path / "bot.log").read_text(encoding="utf-8")
    assert "passage 2 of story 1 began" in log
    assert len(log.splitlines()) > 20
    words = [word for text in (SECRET, TITLE, WRITTEN) for word in text.split() if len(word) > 6]
    pieces = [story[start : start + 24] for start in range(len(SECRET) + 1, len(story) - 24, 24)]
    found = [secret for secret in (*words, "Umlautova", *pieces, *tokens) if secret in log]
    assert len(tokens) > 3
    assert found == []


async def test_each_line_of_a_json_log_is_an_object_and_says_which_interaction_it_is_about(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    settings = {"STORY_MODEL": str(tiny_checkpoint), "LOG_LEVEL": "INFO", "LOG_FORMAT": "json"}
    async with Playground() as playground, bot_process(playground, tmp_path, **settings):
        ada = playground.add_user("Ada")
        asked = await playground.slash(ada, "story", {"genre": "horror", "prompt": SECRET})
        message = await finished(asked)
        forged = await press_forged(playground, ada, message, f"privacy:keep:{ada.id + 1}")
        await answered(forged)

    lines = [json.loads(line) for line in (tmp_path / "bot.log").read_text(encoding="utf-8").splitlines()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    told = [line for line in lines if line["message"].startswith("passage 2")]
    began, ended = told[0], told[-1]
    assert began["message"].startswith("passage 2 of story 1 began")
    assert began["interaction"] == ended["interaction"] == str(asked.id)
    assert [line["interaction"] for line in lines if "NotYourQuestion" in line["message"]] == [str(forged.id)]
    assert {line.get("interaction") for line in lines if line["logger"] == "bot.app"} == {None}

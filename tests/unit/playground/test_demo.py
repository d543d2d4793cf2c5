"""``storybot try``, with a process that stands in for the bot."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bot.playground.demo import story_text, try_bot
from bot.playground.server import Playground

COMMAND = (sys.executable, "-m", "tests.unit.playground.storytelling_process")


def _environment(stopped: Path, **changes: str) -> dict[str, str]:
    root = str(Path(__file__).parents[3])
    return {**os.environ, "PYTHONPATH": root, "STOPPED_FILE": str(stopped), "STORY_WORDS": "60", **changes}


def _content(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    return tmp_path / "stopped"


async def test_a_long_enough_story_is_a_success(stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await try_bot(interactive=False, env=_environment(stopped), command=COMMAND) == 0
    shown = capsys.readouterr().out
    assert "Ada> /story genre:superhero prompt:Batman is hunting down" in shown
    assert "▌ Batman is hunting down and" in shown
    assert "[1]  Continue" in shown
    assert _content(stopped).endswith("stories.sqlite3")  # it was asked to stop, and could


async def test_a_given_database_is_used(stopped: Path) -> None:
    environment = _environment(stopped, DATABASE_PATH="/somewhere/else")
    assert await try_bot(interactive=False, env=environment, command=COMMAND) == 0
    assert _content(stopped) == "/somewhere/else"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"STORY_WORDS": "59"}, "The story has 59 words; 60 were wanted."),
        ({"STORY_PROMPT": "Robin"}, "The story does not begin with “Batman is hunting down”."),
        ({"STORY_DIES": "1"}, "The story was not finished: it ended with exit code 3."),
    ],
)
async def test_a_story_that_fails_is_told_with_the_end_of_the_log(
    stopped: Path, changes: dict[str, str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await try_bot(interactive=False, env=_environment(stopped, **changes), command=COMMAND) != 0
    shown = capsys.readouterr().out
    assert reason in shown
    assert "the teller starts" in shown


async def test_a_bot_that_does_not_start_is_told(stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = (sys.executable, "-c", "print('no token'); raise SystemExit(78)")
    assert await try_bot(interactive=False, env=_environment(stopped), command=command) != 0
    shown = capsys.readouterr().out
    assert "The bot did not log in: it ended with exit code 78." in shown
    assert "no token" in shown


def test_the_words_of_a_story_are_counted_without_marks() -> None:
    playground = Playground()
    message = playground.world.add_message(playground.channel, playground.world.bot)
    message.embeds = [{"description": "**Batman**\u200b is \\*\\*hunting\\* down"}]
    assert story_text(message) == "Batman is **hunting* down"

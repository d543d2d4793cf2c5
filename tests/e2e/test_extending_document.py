"""The programs in docs/extending.md do what the page says."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot.storytelling.openings import openings
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, finished, footer, shown_text

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
PROGRAMS = dict(re.findall(r"^<!-- tested: (\w+) -->\n```python\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE))


def program(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a program of the page as a module."""
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(PROGRAMS[name], f"docs/extending.md, {name}", "exec"), vars(module))  # noqa: S102 - our own page
    return module


async def test_the_command_of_the_page_answers_and_refuses(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    page = program("opening_command", monkeypatch)
    async with stage.bot() as bot:
        await bot.add_cog(page.OpeningCog(bot.storyteller))
        await bot.tree.sync()
        asked = await stage.playground.slash(stage.ada, "opening", {"genre": "horror"})
        assert openings("horror")[0] in await answered(asked)
        refused = await stage.playground.slash(stage.ada, "opening", {"genre": "poem"})
        assert "I don't know that genre" in await answered(refused)


async def test_the_engine_of_the_page_tells_a_story(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    page = program("word_engine", monkeypatch)
    async with stage.bot(page.WordEngine(["tick", "tock."])):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "nonsense", "prompt": "A clock:", "seed": 1})
        message = await finished(asked)
        assert set(shown_text(message).removeprefix("A clock:").split()) == {"tick", "tock."}
        assert "Nonsense" in footer(message)
        explored = await stage.playground.slash(stage.ada, "explore", {"genre": "nonsense", "prompt": "A clock:"})
        assert "runs on another server" in await answered(explored)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:bot|storygen|training|tests|docs)/[\w./]+)`", DOCUMENT))))
def test_the_page_names_files_that_there_are(name: str) -> None:
    assert (ROOT / name).exists()

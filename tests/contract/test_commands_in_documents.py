"""Whatever the documents tell people to type is something that can be typed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from bot.app import StoryBot
from bot.config import Config
from bot.store import StoryStore
from tests.fakes.scripted_engine import ScriptedEngine

ROOT = Path(__file__).parents[2]
TEXTS = {path: path.read_text(encoding="utf-8") for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]}
DOCUMENTS = sorted(TEXTS)
SLASH = re.compile(r"(?<![\w/.])/([a-z]+)(?![\w/.])((?: [a-z]+(?:\|[a-z]+)*)*)")
"""A command, perhaps with subcommands, as documents write them: ``/stories list|open``."""
NO_COMMANDS = {"opening", "metrics", "healthz", "readyz", "models", "tmp", "data"}
"""The command that docs/extending.md adds, and what else begins with a stroke: addresses and folders."""


@pytest.fixture
async def commands(tmp_path: Path) -> AsyncIterator[set[str]]:
    """The names of all commands and groups."""
    config = Config(database_path=tmp_path / "stories.sqlite3")
    async with (
        StoryStore(config.database_path) as store,
        StoryBot(config, store, ScriptedEngine(), only_registers=True) as bot,
    ):
        await bot.build_commands()
        yield {command.qualified_name for command in bot.tree.walk_commands()}


def codes(text: str) -> list[str]:
    """Give what stands in backticks, and the lines of code."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```\w*\n.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return [*re.findall(r"`([^`\n]+)`", rest), *(line for block in fenced for line in block.splitlines())]


def unknown(code: str, commands: Iterable[str]) -> list[str]:
    """Give what a line names of commands that do not exist."""
    names = set(commands)
    tops = {name.split()[0] for name in names}
    found = []
    for top, rest in SLASH.findall(code):
        if top not in tops:
            found.append(top)
        elif rest and any(name.startswith(f"{top} ") for name in names):
            first, *more = rest.split()
            for word in first.split("|"):
                if f"{top} {word}" not in names:
                    found.append(f"{top} {word}")
                elif more and any(name.startswith(f"{top} {word} ") for name in names):
                    found += [
                        f"{top} {word} {last}" for last in more[0].split("|") if f"{top} {word} {last}" not in names
                    ]
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
async def test_every_command_that_a_document_names_exists(document: Path, commands: set[str]) -> None:
    lines = [code for code in codes(TEXTS[document]) if code.startswith("/") or "> /" in code]
    assert [name for code in lines for name in unknown(code, commands) if name not in NO_COMMANDS] == []


async def test_the_table_of_the_readme_has_every_command(commands: set[str]) -> None:
    told = set()
    for first, rest in re.findall(r"^\| `(/[^`]+)`(.*?)\|", TEXTS[ROOT / "README.md"], re.MULTILINE):
        *before, last = re.sub(r" \w+:.*", "", first).removeprefix("/").split()
        told |= {" ".join([*before, last]), *(" ".join([*before, word]) for word in re.findall(r"`([a-z]+)`", rest))}
        told |= {word.removeprefix("/") for word in re.findall(r"`(/[a-z]+)`", rest)}
    leaves = {name for name in commands if not any(other.startswith(f"{name} ") for other in commands)}
    assert leaves - told == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target for code in codes(TEXTS[document]) for target in re.findall(r"^(?:[A-Z_]+=\S+ )*make ([a-z-]+)", code)
    }
    assert named - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_module_that_a_document_runs_exists(document: Path) -> None:
    named: set[Any] = {
        module
        for code in codes(TEXTS[document])
        for module in re.findall(r"python -m ((?:bot|storygen|training|tests)[\w.]*)", code)
    }
    assert [module for module in sorted(named) if find_spec(module) is None] == []

"""docs/privacy.md says what is stored: the tables and columns that there are, and what the bot itself says."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from bot.privacy.words import NEVER_TRAINED
from bot.store import StoryStore

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    path = tmp_path / "stories.sqlite3"
    async with StoryStore.open(path):
        pass
    return path


def schema(path: Path) -> dict[str, set[str]]:
    """Give the columns of every table."""
    connection = sqlite3.connect(path)
    try:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        ]
        return {
            name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
            for name in names
            if not name.startswith("sqlite_")
        }
    finally:
        connection.close()


def described() -> dict[str, list[str]]:
    """Give the columns that the document has for every table."""
    found: dict[str, list[str]] = {}
    for heading, body in re.findall(r"^### `(\w+)`$(.*?)(?=^##|\Z)", DOCUMENT, re.DOTALL | re.MULTILINE):
        first_cells = [line.split("|")[1] for line in body.splitlines() if line.startswith("| `")]
        found[heading] = [column for cell in first_cells for column in re.findall(r"`(\w+)`", cell)]
    return found


def test_the_document_has_every_table_and_column_and_no_other(database: Path) -> None:
    assert {name: sorted(columns) for name, columns in described().items()} == {
        name: sorted(columns) for name, columns in schema(database).items()
    }


def test_the_document_and_the_bot_promise_the_same_about_training() -> None:
    assert NEVER_TRAINED in DOCUMENT


def test_no_command_that_trains_or_evaluates_knows_the_store() -> None:
    files = [*(ROOT / "training").rglob("*.py"), *(ROOT / "storygen").rglob("*.py")]
    assert [file.name for file in files if re.search(r"sqlite|bot\.store", file.read_text(encoding="utf-8"))] == []

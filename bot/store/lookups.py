"""Single stories and passages by their ids, and what every table of methods needs besides."""

from __future__ import annotations

import time

from bot.errors import PassageNotFound, StoryNotFound
from bot.store import statements
from bot.store.database import Database
from bot.store.rows import Passage, StoredStory, read_passage, read_story

LARGEST_ID = 2**63 - 1
"""SQLite's integers end here; a greater id from a forged button is an id that nothing has."""


async def story_by_id(database: Database, story_id: int) -> StoredStory:
    """Give one story. Raises StoryNotFound."""
    rows = await database.read("SELECT * FROM stories WHERE id = :id", {"id": storable(story_id)})
    if not rows:
        raise StoryNotFound(story_id)
    return read_story(rows[0])


async def passage_by_id(database: Database, passage_id: int) -> Passage:
    """Give one passage. Raises PassageNotFound."""
    rows = await database.read("SELECT * FROM passages WHERE id = :id", {"id": storable(passage_id)})
    if not rows:
        raise PassageNotFound(passage_id)
    return read_passage(rows[0])


async def path_by_id(database: Database, passage_id: int) -> list[Passage]:
    """Give the passages from the story's beginning to this one. Raises PassageNotFound."""
    rows = await database.read(statements.PATH_TO, {"id": storable(passage_id)})
    if not rows:
        raise PassageNotFound(passage_id)
    return [read_passage(row) for row in rows]


def storable(number: int) -> int:
    """Give an id that SQLite can take: the number, or 0, which nothing has."""
    return number if 0 < number <= LARGEST_ID else 0


def now() -> int:
    """Give the time as it is stored: UTC seconds."""
    return int(time.time())

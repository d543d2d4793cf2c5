"""A database with very many stories, made fast: by SQL, not by writing them one after the other."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.store.migrate import known_migrations, migrate

GUILD = 5
"""The server in which all of them were told."""
_SENTENCE = "The lake was still and nobody knew why Captain Marlowe had gone there when night came over Ravenna. "
_FILL = (
    """
    INSERT INTO stories (id, owner_id, guild_id, channel_id, genre, title, private, created_at, updated_at)
    SELECT value, 1 + value % :owners, :guild, 9, 'horror', substr(:sentence, 1, 40) || value, value % 5 = 0, 1, value
    FROM generate_series
    """,
    """
    INSERT INTO passages (id, story_id, parent_id, author, user_id, text, state, created_at, finished_at)
    SELECT 2 * value - 1, value, NULL, 'person', 1 + value % :owners, :sentence || :sentence || :sentence, 'done', 1, 1
    FROM generate_series
    """,
    """
    INSERT INTO passages (id, story_id, parent_id, author, user_id, text, state, created_at, finished_at)
    SELECT 2 * value, value, 2 * value - 1, 'model', 1 + value % :owners,
        ' ' || replace(hex(zeroblob(10)), '00', :sentence), 'done', 1, 1
    FROM generate_series
    """,
    "UPDATE stories SET head_id = 2 * id",
    """
    INSERT INTO hearts SELECT stories.id, readers.value, :guild, 1
    FROM stories JOIN (SELECT value FROM generate_series LIMIT 9) AS readers ON readers.value <= stories.id % 10
    """,
)
_NUMBERS = """
CREATE TEMP TABLE generate_series AS
WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < :stories) SELECT value FROM n
"""


def full_database(path: Path, *, stories: int, owners: int) -> Path:
    """Make a file with so many stories of people numbered from 1; each has two passages of 1,300 letters together."""
    migrate(path, known_migrations())
    fields = {"stories": stories, "owners": owners, "guild": GUILD, "sentence": _SENTENCE}
    with closing(sqlite3.connect(path)) as connection:
        for statement in (_NUMBERS, *_FILL):
            connection.execute(statement, fields)
        connection.commit()
    return path

"""How much there is in a database, for whoever runs the bot: counts alone, no names and no texts.

Blocks; for the command line. Reads only, so it may be asked while a bot runs.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.errors import DatabaseMissing, DatabaseUnusable
from bot.store.migrate import BUSY_SECONDS

DAY = 86_400
_SINCE = "created_at >= :now - :seconds"
_TOTALS = {
    "stories": "SELECT count(*) FROM stories",
    "people who have stories": "SELECT count(DISTINCT owner_id) FROM stories",
    "Discord servers with stories": "SELECT count(DISTINCT guild_id) FROM stories",
    "passages": "SELECT count(*) FROM passages",
    "passages being written now": "SELECT count(*) FROM passages WHERE state = 'waiting'",
    "tokens that the model wrote": "SELECT coalesce(sum(new_tokens), 0) FROM passages",
    "hearts": "SELECT count(*) FROM hearts",
    "posts": "SELECT count(*) FROM shares",
    "open reports": "SELECT count(*) FROM reports WHERE state = 'open'",
}
_PERIODS = {"in the last day": DAY, "in the last 7 days": 7 * DAY, "in the last 30 days": 30 * DAY}
_STORIES_SINCE = f"SELECT count(*) FROM stories WHERE {_SINCE}"  # noqa: S608 - put together from constants
_PEOPLE_SINCE = f"SELECT count(DISTINCT user_id) FROM passages WHERE user_id != 0 AND {_SINCE}"  # noqa: S608 - likewise
_GENRES = "SELECT genre, count(*) FROM stories GROUP BY genre ORDER BY count(*) DESC, genre"
_ENDS = """
SELECT coalesce(finish_reason, state), count(*) FROM passages WHERE author = 'model' AND state != 'waiting'
GROUP BY 1 ORDER BY 2 DESC, 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number and what it counts."""

    about: str
    number: int


def figures_of(database: Path) -> list[Figure]:
    """Count. Raises DatabaseMissing and DatabaseUnusable."""
    if not database.is_file():
        raise DatabaseMissing(database)
    address = f"{database.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS)) as connection:
            connection.execute("BEGIN")  # so that all are of the same moment
            return [*_counted(connection), Figure(about="bytes of the database", number=_size(database))]
    except sqlite3.Error as error:
        raise DatabaseUnusable(database, str(error)) from error


def _counted(connection: sqlite3.Connection) -> list[Figure]:
    found = [Figure(about=about, number=connection.execute(sql).fetchone()[0]) for about, sql in _TOTALS.items()]
    now = int(time.time())
    for when, seconds in _PERIODS.items():
        for about, sql in (("stories begun", _STORIES_SINCE), ("people who wrote", _PEOPLE_SINCE)):
            number = connection.execute(sql, {"now": now, "seconds": seconds}).fetchone()[0]
            found.append(Figure(about=f"{about} {when}", number=number))
    for kind, sql in (("stories of genre", _GENRES), ("passages that ended as", _ENDS)):
        found += [Figure(about=f"{kind} {name}", number=number) for name, number in connection.execute(sql)]
    return found


def _size(database: Path) -> int:
    files = (database, database.with_name(f"{database.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())

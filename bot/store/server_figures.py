"""How much is told in a server, in figures without names: for those who run it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.store.database import Database

DAY = 24 * 60 * 60

_BY_DAY = """
SELECT created_at / 86400 AS day, count(*) AS stories FROM stories
WHERE guild_id = :guild_id AND created_at >= :since GROUP BY day
"""

_BY_GENRE = """
SELECT genre, count(*) AS stories FROM stories WHERE guild_id = :guild_id AND created_at >= :since
GROUP BY genre ORDER BY stories DESC, genre
"""

_PEOPLE = """
SELECT count(DISTINCT passages.user_id) FROM passages JOIN stories ON stories.id = passages.story_id
WHERE stories.guild_id = :guild_id AND passages.created_at >= :since AND passages.user_id != 0
"""

# As many people have waited so long at most: the nearest of the sorted times, and no time in between.
_WAITING = """
WITH waited AS (
    SELECT waiting_seconds AS seconds, row_number() OVER (ORDER BY waiting_seconds) AS place, count(*) OVER () AS number
    FROM passages JOIN stories ON stories.id = passages.story_id
    WHERE stories.guild_id = :guild_id AND passages.created_at >= :since AND waiting_seconds IS NOT NULL
)
SELECT
    (SELECT seconds FROM waited WHERE place = (number * 50 + 99) / 100) AS median,
    (SELECT seconds FROM waited WHERE place = (number * 95 + 99) / 100) AS p95
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFigures:
    """What was told in a server in some days, of which the last is not over."""

    first_day: int
    """Days since 1970, in UTC."""
    by_day: tuple[int, ...]
    """Stories that were begun, day by day; those that were deleted since are not among them."""
    by_genre: tuple[tuple[str, int], ...]
    """Genres and how many of these stories, the most frequent first."""
    people: int
    """How many people wrote or had something written."""
    median_wait: float | None
    """Half of the passages waited no longer, in seconds; None where none waited."""
    p95_wait: float | None
    """95 of 100 waited no longer."""

    @property
    def stories(self) -> int:
        """How many there are altogether."""
        return sum(self.by_day)


class Figures:
    """``StoryStore.figures``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_server(self, guild_id: int, today: int, days: int) -> ServerFigures:
        """Give the figures of the last ``days`` days; ``today`` is the last, in days since 1970."""
        first = today - days + 1
        fields = {"guild_id": guild_id, "since": first * DAY}
        by_day = {row["day"]: row["stories"] for row in await self._database.read(_BY_DAY, fields)}
        by_genre = await self._database.read(_BY_GENRE, fields)
        waiting = (await self._database.read(_WAITING, fields))[0]
        return ServerFigures(
            first_day=first,
            by_day=tuple(by_day.get(day, 0) for day in range(first, today + 1)),
            by_genre=tuple((row["genre"], row["stories"]) for row in by_genre),
            people=(await self._database.read(_PEOPLE, fields))[0][0],
            median_wait=waiting["median"],
            p95_wait=waiting["p95"],
        )

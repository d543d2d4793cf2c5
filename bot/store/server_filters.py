"""What servers do not want in stories: their own words, and how strict they are."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import FilterWordKnown, FilterWordUnknown, TooManyFilterWords
from bot.moderation import SERVER_WORD_LIMIT, Level
from bot.store.database import Database
from bot.store.lookups import now
from bot.store.server_changes import audit

_WORDS = "SELECT word FROM server_filter_words WHERE guild_id = :guild_id ORDER BY word"
_ADD = "INSERT INTO server_filter_words (guild_id, word, created_at) VALUES (:guild_id, :word, :now)"
_REMOVE = "DELETE FROM server_filter_words WHERE guild_id = :guild_id AND word = :word RETURNING word"
_SET_LEVEL = """
INSERT INTO server_filters (guild_id, level, updated_at) VALUES (:guild_id, :level, :now)
ON CONFLICT (guild_id) DO UPDATE SET level = excluded.level, updated_at = excluded.updated_at
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFilter:
    """What one server does not want."""

    words: tuple[str, ...]
    """In the order of the alphabet."""
    level: Level
    """As strict as the bot itself where it is OFF."""


class ServerFilters:
    """``StoryStore.server_filters``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, guild_id: int) -> ServerFilter:
        """Give what a server does not want."""
        fields = {"guild_id": guild_id}
        words = await self._database.read(_WORDS, fields)
        levels = await self._database.read("SELECT level FROM server_filters WHERE guild_id = :guild_id", fields)
        return ServerFilter(
            words=tuple(row["word"] for row in words), level=Level(levels[0]["level"]) if levels else Level.OFF
        )

    async def add(self, guild_id: int, word: str, *, by: int) -> None:
        """Add a word (``bot.moderation.checked_word``). Raises FilterWordKnown and TooManyFilterWords.

        The audit says that there was a change and who made it; the words are nobody's to read there.
        """
        fields = {"guild_id": guild_id, "word": word, "now": now()}

        async def work() -> None:
            words = [row["word"] for row in await self._database.read(_WORDS, fields)]
            if word in words:
                raise FilterWordKnown
            if len(words) >= SERVER_WORD_LIMIT:
                raise TooManyFilterWords(SERVER_WORD_LIMIT)
            await self._database.read(_ADD, fields)
            await audit(self._database, guild_id, by, "filter", {"change": "a word more"})

        await self._database.transaction(work)

    async def remove(self, guild_id: int, word: str, *, by: int) -> None:
        """Take a word out. Raises FilterWordUnknown."""

        async def work() -> None:
            if not await self._database.read(_REMOVE, {"guild_id": guild_id, "word": word}):
                raise FilterWordUnknown
            await audit(self._database, guild_id, by, "filter", {"change": "a word less"})

        await self._database.transaction(work)

    async def set_level(self, guild_id: int, level: Level, *, by: int) -> None:
        """Remember how strict a server is."""
        fields = {"guild_id": guild_id, "level": level.value, "now": now()}

        async def work() -> None:
            await self._database.read(_SET_LEVEL, fields)
            await audit(self._database, guild_id, by, "filter", {"level": level.value})

        await self._database.transaction(work)

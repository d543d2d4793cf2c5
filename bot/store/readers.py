"""What readers do with stories (♥, reports), where stories are shared, and which ones a server's people may find."""

from __future__ import annotations

from bot.errors import StoryNotFound
from bot.store import reader_statements
from bot.store.database import Database
from bot.store.lookups import now, passage_by_id, storable, story_by_id
from bot.store.rows import (
    HeartState,
    LovedStory,
    Passage,
    Report,
    Share,
    StoredStory,
    read_passage,
    read_report,
    read_story,
)


class StoryReaders:
    """``StoryStore.readers``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def toggle_heart(self, story_id: int, user_id: int, guild_id: int | None) -> HeartState:
        """Give a story somebody's ♥, or take it back where they gave one. Raises StoryNotFound."""
        fields = {"story_id": storable(story_id), "user_id": user_id}

        async def work() -> HeartState:
            await story_by_id(self._database, story_id)
            sql = "DELETE FROM hearts WHERE story_id = :story_id AND user_id = :user_id RETURNING user_id"
            taken = await self._database.read(sql, fields)
            if not taken:
                given = {**fields, "guild_id": guild_id, "now": now()}
                await self._database.read(reader_statements.GIVE_HEART, given)
            return HeartState(given=not taken, count=await self.hearts(story_id))

        return await self._database.transaction(work)

    async def hearts(self, story_id: int) -> int:
        """Say how many ♥ a story has."""
        sql = "SELECT count(*) FROM hearts WHERE story_id = :id"
        return int((await self._database.read(sql, {"id": storable(story_id)}))[0][0])

    async def add_share(self, story_id: int, user_id: int, guild_id: int | None, channel_id: int) -> int:
        """Remember that a story is posted in a channel, and give the share's id. Raises StoryNotFound."""
        fields: dict[str, object] = {"story_id": story_id, "user_id": user_id}
        fields |= {"guild_id": guild_id, "channel_id": channel_id, "now": now()}

        async def work() -> int:
            await story_by_id(self._database, story_id)
            return int((await self._database.read(reader_statements.ADD_SHARE, fields))[0]["id"])

        return await self._database.transaction(work)

    async def set_share_message(self, share_id: int, message_id: int) -> None:
        """Remember which message a share is."""
        sql = "UPDATE shares SET message_id = :message_id WHERE id = :id"
        await self._database.write(sql, {"id": storable(share_id), "message_id": message_id})

    async def shares_of(self, story_id: int) -> list[Share]:
        """Give the places where a story was shared, the first one first."""
        sql = "SELECT * FROM shares WHERE story_id = :id ORDER BY id"
        return [Share(**dict(row)) for row in await self._database.read(sql, {"id": storable(story_id)})]

    async def report(self, story_id: int, passage_id: int, reporter_id: int, guild_id: int | None, reason: str) -> int:
        """Keep what somebody says against a passage, in place of what they said before; give the report's id.

        Raises PassageNotFound and StoryNotFound.
        """
        fields: dict[str, object] = {"story_id": story_id, "passage_id": passage_id, "reporter_id": reporter_id}
        fields |= {"guild_id": guild_id, "reason": reason, "now": now()}

        async def work() -> int:
            if (await passage_by_id(self._database, passage_id)).story_id != story_id:
                raise StoryNotFound(story_id)
            return int((await self._database.read(reader_statements.REPORT, fields))[0]["id"])

        return await self._database.transaction(work)

    async def open_reports(self, guild_id: int | None = None, limit: int = 25) -> list[Report]:
        """Give the reports that nobody has looked at, of one server or of all; the oldest first."""
        rows = await self._database.read(reader_statements.OPEN_REPORTS, {"guild_id": guild_id, "limit": limit})
        return [read_report(row) for row in rows]

    async def top(self, guild_id: int, since: int, limit: int = 10) -> list[LovedStory]:
        """Give the stories that a server's people may find with the most ♥ given in this server since then."""
        fields = {"guild_id": guild_id, "since": since, "limit": limit}
        found = []
        for row in await self._database.read(reader_statements.TOP, fields):
            columns = dict(row)
            found.append(LovedStory(hearts=columns.pop("given"), story=read_story(columns)))
        return found

    async def newest(self, guild_id: int, since: int, limit: int = 5) -> list[StoredStory]:
        """Give the stories that a server's people may find and that began since then, the newest first."""
        fields = {"guild_id": guild_id, "since": since, "limit": limit}
        return [read_story(row) for row in await self._database.read(reader_statements.NEWEST, fields)]

    async def random_story(self, guild_id: int) -> StoredStory | None:
        """Give any story that a server's people may find; None where there is none."""
        rows = await self._database.read(reader_statements.RANDOM, {"guild_id": guild_id})
        return read_story(rows[0]) if rows else None

    async def random_own(self, user_id: int) -> StoredStory | None:
        """Give any story of a person; None where they have none with text."""
        rows = await self._database.read(reader_statements.RANDOM_OWN, {"user_id": user_id})
        return read_story(rows[0]) if rows else None

    async def passage_of_message(self, message_id: int) -> Passage | None:
        """Give the passage that a message shows; None where it shows none. Of several, the newest."""
        sql = "SELECT * FROM passages WHERE message_id = :id ORDER BY id DESC LIMIT 1"
        rows = await self._database.read(sql, {"id": storable(message_id)})
        return read_passage(rows[0]) if rows else None

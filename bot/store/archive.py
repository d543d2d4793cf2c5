"""The archives of servers: where they are, which stories stand in them, and which messages have to go from Discord."""

from __future__ import annotations

from dataclasses import dataclass

from bot.store import archive_statements
from bot.store.database import Database
from bot.store.lookups import now, storable
from bot.store.server_changes import audit


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePost:
    """A story as it stands in a server's archive."""

    story_id: int
    guild_id: int
    archive_id: int
    """The channel or forum that was the archive when it was sent."""
    channel_id: int
    """The channel that has the message: in a forum the post itself."""
    message_id: int
    passage_id: int
    """As far as this passage it was sent."""
    user_id: int
    """Who sent it; 0 where that person is forgotten."""
    stale: int
    """How often the story was changed since the message was brought up to date."""
    created_at: int

    @property
    def in_forum(self) -> bool:
        """Whether it is a post of a forum, which is a thread of its own."""
        return self.channel_id != self.archive_id


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneMessage:
    """A message that still stands on Discord, while what it shows is gone."""

    channel_id: int
    message_id: int


class Archives:
    """``StoryStore.archives``. What becomes of a story is noted by triggers; see the migration."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def channel_of(self, guild_id: int) -> int | None:
        """Give the channel or forum that is a server's archive; None where it has none."""
        rows = await self._database.read("SELECT channel_id FROM archives WHERE guild_id = :id", {"id": guild_id})
        return int(rows[0]["channel_id"]) if rows else None

    async def set_channel(self, guild_id: int, user_id: int, channel_id: int | None) -> None:
        """Let a channel or forum be a server's archive, or none. What stands in the old one stays."""
        fields = {"guild_id": guild_id, "channel_id": channel_id, "now": now()}

        async def work() -> None:
            sql = archive_statements.SET_ARCHIVE if channel_id else "DELETE FROM archives WHERE guild_id = :guild_id"
            await self._database.read(sql, fields)
            await audit(self._database, guild_id, user_id, "archive", {"channel_id": channel_id})

        await self._database.transaction(work)

    async def post_of(self, story_id: int, guild_id: int) -> ArchivePost | None:
        """Give a story's post in a server's archive; None where it has none."""
        sql = "SELECT * FROM archive_posts WHERE story_id = :story_id AND guild_id = :guild_id"
        rows = await self._database.read(sql, {"story_id": storable(story_id), "guild_id": guild_id})
        return ArchivePost(**dict(rows[0])) if rows else None

    async def keep(self, post: ArchivePost) -> bool:
        """Remember a post that is on Discord now; an older one of the same story and server is to go from there.

        False where the story was deleted or taken out of the server meanwhile: then this message is to go.
        """
        fields = {name: getattr(post, name) for name in ArchivePost.__slots__} | {"now": now()}

        async def work() -> bool:
            before = await self.post_of(post.story_id, post.guild_id)
            kept = bool(await self._database.read(archive_statements.KEEP_POST, fields))
            gone = before if kept else post
            if gone is not None and gone.message_id != (post.message_id if kept else 0):
                await self._database.read(archive_statements.TAKE_AWAY, _place(gone))
            return kept

        return await self._database.transaction(work)

    async def send_further(self, story_id: int, guild_id: int, passage_id: int, user_id: int) -> ArchivePost | None:
        """Let a story's post go as far as this passage; it is to be shown anew then. None where there is no post."""
        fields = {"story_id": storable(story_id), "guild_id": guild_id, "passage_id": passage_id, "user_id": user_id}
        rows = await self._database.write(archive_statements.SEND_FURTHER, fields)
        return ArchivePost(**dict(rows[0])) if rows else None

    async def stale(self, limit: int = 1000) -> list[ArchivePost]:
        """Give posts whose stories were changed since."""
        sql = "SELECT * FROM archive_posts WHERE stale > 0 LIMIT :limit"
        return [ArchivePost(**dict(row)) for row in await self._database.read(sql, {"limit": limit})]

    async def shown(self, post: ArchivePost) -> None:
        """Note that a post shows its story as it was when ``post`` was read."""
        fields = {"story_id": post.story_id, "guild_id": post.guild_id, "stale": post.stale}
        await self._database.write(archive_statements.SHOWN, fields)

    async def gone(self, limit: int = 1000) -> list[GoneMessage]:
        """Give messages that have to be taken away from Discord."""
        rows = await self._database.read("SELECT * FROM gone_messages LIMIT :limit", {"limit": limit})
        return [GoneMessage(**dict(row)) for row in rows]

    async def lost(self, message: ArchivePost | GoneMessage) -> None:
        """Note that a message is no longer on Discord."""

        async def work() -> None:
            for statement in archive_statements.LOST:
                await self._database.read(statement, _place(message))

        await self._database.transaction(work)


def _place(message: ArchivePost | GoneMessage) -> dict[str, int]:
    return {"channel_id": message.channel_id, "message_id": message.message_id}

"""What those who run a server decide about stories there: reports, and stories that are taken out of the server."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import ReportNotFound
from bot.store import review_statements
from bot.store.database import Database
from bot.store.lookups import now, storable
from bot.store.rows import Report, ReportState, StoredStory, read_report, read_story
from bot.store.server_changes import audit


class Why(StrEnum):
    """Why a story was taken out of a server."""

    REPORT = "report"
    PURGE = "purge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A story of somebody that a server has taken out, of which they are still to be told."""

    story: StoredStory
    guild_id: int
    why: Why


class ServerReview:
    """``StoryStore.review``. Of another server's reports, every method raises ReportNotFound.

    ``channels`` are the ids of all channels and threads of the server, so that stories go from them which came from
    elsewhere.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def report(self, guild_id: int, report_id: int) -> Report:
        """Give one report of a server, also one that is decided."""
        fields = {"guild_id": guild_id, "id": storable(report_id)}
        rows = await self._database.read(review_statements.REPORT, fields)
        if not rows:
            raise ReportNotFound(report_id)
        return read_report(rows[0])

    async def next_open(self, guild_id: int, after: int = 0) -> Report | None:
        """Give the oldest open report of a server after this one, else the oldest of all; of a passage only one."""
        for start in (after, 0):
            fields = {"guild_id": guild_id, "after": start}
            if rows := await self._database.read(review_statements.NEXT_OPEN, fields):
                return read_report(rows[0])
        return None

    async def count_open(self, guild_id: int) -> int:
        """Say how many passages of a server have open reports."""
        return int((await self._database.read(review_statements.COUNT_OPEN, {"guild_id": guild_id}))[0][0])

    async def reasons(self, report: Report) -> list[str]:
        """Give what people say against the passage of an open report, the oldest first."""
        fields = {"guild_id": report.guild_id, "passage_id": report.passage_id}
        return [row["reason"] for row in await self._database.read(review_statements.REASONS, fields)]

    async def dismiss(self, guild_id: int, report_id: int, user_id: int) -> bool:
        """Decide that a passage may stay: all open reports on it are answered. False where that was decided before."""
        fields = {"guild_id": guild_id, "user_id": user_id, "now": now()}

        async def work() -> bool:
            report = await self.report(guild_id, report_id)
            if report.state is not ReportState.OPEN:
                return False
            await self._database.read(review_statements.DISMISS, {**fields, "passage_id": report.passage_id})
            details = {"report_id": report_id, "story_id": report.story_id}
            await audit(self._database, guild_id, user_id, "report dismissed", details)
            return True

        return await self._database.transaction(work)

    async def uphold(self, guild_id: int, report_id: int, user_id: int, channels: Iterable[int]) -> bool:
        """Take the story of a report out of the server; all open reports on it are answered.

        False where the report was decided before.
        """
        listed = tuple(channels)

        async def work() -> bool:
            report = await self.report(guild_id, report_id)
            if report.state is not ReportState.OPEN:
                return False
            fields = {"guild_id": guild_id, "user_id": user_id, "story_id": report.story_id, "now": now()}
            await self._database.read(review_statements.UPHOLD, fields)
            await self._withdraw(guild_id, report.story_id, user_id, Why.REPORT, listed)
            details = {"report_id": report_id, "story_id": report.story_id}
            await audit(self._database, guild_id, user_id, "report upheld", details)
            return True

        return await self._database.transaction(work)

    async def count_purgeable(self, guild_id: int, owner_id: int | None) -> int:
        """Say how many stories, of one person or of everybody, a purge of a server would take out."""
        return len(await self._purgeable(guild_id, owner_id))

    async def purge(self, guild_id: int, owner_id: int | None, user_id: int, channels: Iterable[int]) -> int:
        """Take the stories of one person, or of everybody, out of a server; say how many."""
        listed = tuple(channels)

        async def work() -> int:
            found = await self._purgeable(guild_id, owner_id)
            for story_id in found:
                await self._withdraw(guild_id, story_id, user_id, Why.PURGE, listed)
            details = {"person": owner_id, "stories": len(found)}
            await audit(self._database, guild_id, user_id, "purge", details)
            return len(found)

        return await self._database.transaction(work)

    async def is_withdrawn(self, story_id: int, guild_id: int | None) -> bool:
        """Say whether a server has taken a story out."""
        sql = "SELECT 1 FROM withdrawn_stories WHERE story_id = :story_id AND guild_id = :guild_id"
        return bool(await self._database.read(sql, {"story_id": storable(story_id), "guild_id": guild_id}))

    async def untold(self, user_id: int) -> list[Withdrawal]:
        """Give the stories of a person that servers have taken out, of which they were not told yet."""
        found = []
        for row in await self._database.read(review_statements.UNTOLD, {"user_id": user_id}):
            columns = dict(row)
            guild_id, why = columns.pop("by_guild"), Why(columns.pop("why"))
            found.append(Withdrawal(story=read_story(columns), guild_id=guild_id, why=why))
        return found

    async def told(self, user_id: int) -> None:
        """Note that a person was told of all of these."""
        await self._database.write(review_statements.TELL, {"user_id": user_id})

    async def _purgeable(self, guild_id: int, owner_id: int | None) -> list[int]:
        fields = {"guild_id": guild_id, "owner_id": owner_id}
        return [row["id"] for row in await self._database.read(review_statements.PURGEABLE, fields)]

    async def _withdraw(self, guild_id: int, story_id: int, user_id: int, why: Why, channels: tuple[int, ...]) -> None:
        fields = {"guild_id": guild_id, "story_id": story_id, "user_id": user_id, "why": why.value, "now": now()}
        fields["channels"] = json.dumps(channels)
        statements = review_statements
        for statement in (
            *(statements.WITHDRAW, statements.TAKE_SHARES_AWAY, statements.UNSHARE, statements.TAKE_PASSAGES_AWAY),
            *(statements.UNSHOW, statements.UNARCHIVE),
        ):
            await self._database.read(statement, fields)

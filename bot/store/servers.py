"""What those who run a server decide there: rules, blocked people, who changed what, and what counts against limits.

Nothing of it is kept in memory: a look at the database takes a tenth of a millisecond, as long as asking it whether
another process has changed something, and so what was changed holds at once everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.errors import NotBlocked, TooSoon
from bot.store import server_statements
from bot.store.database import Database
from bot.store.lookups import now, storable
from bot.store.rows import Quota
from bot.store.server_changes import audit, newest_changes
from bot.store.server_rows import (
    COLUMNS,
    HOUR_SECONDS,
    Block,
    RulesPart,
    ServerChange,
    ServerRules,
    Standing,
    columns_of,
    read_rules,
)

SHOWN_CHANGES = 25
"""So many changes are looked at together."""


class Servers:
    """``StoryStore.servers``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rules_of(self, guild_id: int) -> ServerRules:
        """Give a server's rules; where nobody has made any, those that allow everything."""
        return (await self.standing(guild_id, 0)).rules

    async def standing(self, guild_id: int, user_id: int) -> Standing:
        """Give a server's rules, and say whether somebody is blocked there."""
        fields = {"guild_id": storable(guild_id), "user_id": storable(user_id)}
        row = dict((await self._database.read(server_statements.STANDING, fields))[0])
        return Standing(rules=read_rules(row), blocked=bool(row["blocked"]))

    async def change_rules(
        self, guild_id: int, user_id: int, part: RulesPart, change: Callable[[ServerRules], ServerRules]
    ) -> ServerRules:
        """Change a part of a server's rules, and note who did; give all that hold then.

        ``change`` gets the rules as they are at that moment; whatever it raises, nothing is changed. What changes
        nothing is not noted.
        """

        async def work() -> ServerRules:
            before = await self.rules_of(guild_id)
            after = change(before)
            details = {"before": _part(before, part), "after": _part(after, part)}
            if details["before"] != details["after"]:
                await self._database.read(
                    server_statements.SAVE_RULES, {"guild_id": guild_id, **columns_of(after), "now": now()}
                )
                await audit(self._database, guild_id, user_id, part.value, details)
            return after

        return await self._database.transaction(work)

    async def block(self, guild_id: int, user_id: int, reason: str, *, by: int) -> None:
        """Let somebody tell no more stories in a server; the reason replaces the one before."""
        fields = {"guild_id": guild_id, "user_id": user_id, "reason": reason, "blocked_by": by, "now": now()}

        async def work() -> None:
            await self._database.read(server_statements.BLOCK, fields)
            await audit(self._database, guild_id, by, "block", {"person": user_id, "reason": reason})

        await self._database.transaction(work)

    async def unblock(self, guild_id: int, user_id: int, *, by: int) -> None:
        """Let somebody tell stories again. Raises NotBlocked."""
        fields = {"guild_id": guild_id, "user_id": storable(user_id)}

        async def work() -> None:
            if not await self._database.read(server_statements.UNBLOCK, fields):
                raise NotBlocked(user_id)
            await audit(self._database, guild_id, by, "unblock", {"person": user_id})

        await self._database.transaction(work)

    async def blocks_of(self, guild_id: int, limit: int = 25) -> list[Block]:
        """Give the people who are blocked in a server, the newest first."""
        rows = await self._database.read(server_statements.BLOCKS, {"guild_id": guild_id, "limit": limit})
        return [Block(**dict(row)) for row in rows]

    async def count_blocks(self, guild_id: int) -> int:
        """Say how many people are blocked in a server."""
        sql = "SELECT count(*) FROM server_blocks WHERE guild_id = :guild_id"
        return int((await self._database.read(sql, {"guild_id": guild_id}))[0][0])

    async def changes_of(self, guild_id: int, limit: int = SHOWN_CHANGES) -> list[ServerChange]:
        """Give what was changed in a server, the newest first; what is older than the log is kept is gone."""
        return await newest_changes(self._database, guild_id, limit)

    async def check_quota(self, quota: Quota, user_id: int) -> None:
        """Raise TooSoon where somebody may have nothing told now."""
        await check_quota(self._database, quota, user_id)


async def use_up(database: Database, quota: Quota, user_id: int, passage_id: int) -> None:
    """Count a passage that was just written as a row, inside of its transaction. Raises TooSoon."""
    await check_quota(database, quota, user_id)
    await database.read(server_statements.DROP_OLD_TELLINGS, {"since": now() - HOUR_SECONDS})
    fields = {"passage_id": passage_id, "guild_id": quota.guild_id, "user_id": user_id, "now": now()}
    await database.read(server_statements.COUNT_TELLING, fields)


async def check_quota(database: Database, quota: Quota, user_id: int) -> None:
    """Raise TooSoon where somebody may have nothing told now."""
    moment = now()
    since = moment - HOUR_SECONDS
    fields = {"guild_id": quota.guild_id, "user_id": user_id, "since": since}
    told_at = [int(row[0]) for row in await database.read(server_statements.TOLD_AT, fields)]
    free_at = max(_after_cooldown(quota, told_at), _within_hour(quota, told_at))
    if free_at > moment:
        raise TooSoon(free_at, an_hour=quota.an_hour if _within_hour(quota, told_at) > moment else 0)


def _after_cooldown(quota: Quota, told_at: Sequence[int]) -> int:
    return told_at[0] + quota.cooldown if told_at else 0


def _within_hour(quota: Quota, told_at: Sequence[int]) -> int:
    """Give when the oldest of the passages that are too many will be an hour ago."""
    full = 0 < quota.an_hour <= len(told_at)
    return told_at[quota.an_hour - 1] + HOUR_SECONDS if full else 0


def _part(rules: ServerRules, part: RulesPart) -> dict[str, str]:
    columns = columns_of(rules)
    return {name: columns[name] for name in COLUMNS[part]}

"""Who changed what for a server: one line for each change, for those who run it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bot.store.database import Database
from bot.store.lookups import now
from bot.store.server_rows import HOUR_SECONDS, ServerChange, read_change

KEPT_SECONDS = 90 * 24 * HOUR_SECONDS
"""So long a change is remembered."""

_ADD = """
INSERT INTO server_changes (guild_id, user_id, what, details, created_at)
VALUES (:guild_id, :user_id, :what, :details, :now)
"""
_DROP_OLD = "DELETE FROM server_changes WHERE created_at < :oldest"
_NEWEST = "SELECT * FROM server_changes WHERE guild_id = :guild_id ORDER BY id DESC LIMIT :limit"


async def audit(database: Database, guild_id: int, user_id: int, what: str, details: Mapping[str, object]) -> None:
    """Remember a change; to be called within the transaction that makes it.

    ``what`` is a word such as ``archive``; ``details`` are plain values for JSON, never a story's text, with a person's
    id as ``person``. What is too old goes on this occasion.
    """
    fields = {"guild_id": guild_id, "user_id": user_id, "what": what, "details": json.dumps(dict(details))}
    await database.read(_ADD, {**fields, "now": now()})
    await database.read(_DROP_OLD, {"oldest": now() - KEPT_SECONDS})


async def newest_changes(database: Database, guild_id: int, limit: int) -> list[ServerChange]:
    """Give what was changed in a server, the newest first; what is too old is gone."""
    await database.write(_DROP_OLD, {"oldest": now() - KEPT_SECONDS})
    return [read_change(row) for row in await database.read(_NEWEST, {"guild_id": guild_id, "limit": limit})]

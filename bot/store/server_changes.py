"""Who changed what for a server: one line for each change, for those who run it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bot.store.database import Database
from bot.store.lookups import now

_ADD = """
INSERT INTO server_changes (guild_id, user_id, what, details, created_at)
VALUES (:guild_id, :user_id, :what, :details, :now)
"""


async def audit(database: Database, guild_id: int, user_id: int, what: str, details: Mapping[str, object]) -> None:
    """Remember a change; to be called within the transaction that makes it.

    ``what`` is a word such as ``archive``; ``details`` are plain values for JSON, and never a person's text.
    """
    fields = {"guild_id": guild_id, "user_id": user_id, "what": what, "details": json.dumps(dict(details))}
    await database.read(_ADD, {**fields, "now": now()})

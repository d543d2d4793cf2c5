"""What is kept of a passage while it is written: the text that is shown, and the message that has to show its end.

So a crash takes away nothing that somebody has read, and leaves no message that seems to grow for ever.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.store.database import Database
from bot.store.lookups import now

_KEEP_TEXT = "UPDATE passages SET text = :text WHERE id = :id AND state = 'waiting'"
# A passage that was deleted meanwhile has no message to bring to an end.
_OPEN = """
INSERT INTO open_answers (passage_id, token, message_id, before_id, created_at)
SELECT id, :token, :message_id, :before_id, :now FROM passages WHERE id = :id
ON CONFLICT (passage_id) DO UPDATE SET token = excluded.token, message_id = excluded.message_id
"""
_CLOSE = "DELETE FROM open_answers WHERE passage_id = :id"
_ALL = "SELECT passage_id, token, message_id, before_id FROM open_answers ORDER BY created_at, passage_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAnswer:
    """A message in which a passage grows, and Discord's key to it."""

    passage_id: int
    token: str
    message_id: int | None = None
    """None: the answer to the interaction itself."""
    before_id: int | None = None
    """The passage that the message showed before, where it was a Retry."""


class Unfinished:
    """The passages that are being written, as far as a later start must know of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_text(self, passage_id: int, text: str) -> None:
        """Keep what is about to be shown of a passage that is being written; of any other, nothing changes."""
        await self._database.write(_KEEP_TEXT, {"id": passage_id, "text": text})

    async def open_answer(self, answer: OpenAnswer) -> None:
        """Note that a message shows a passage grow."""
        fields = {"id": answer.passage_id, "token": answer.token, "now": now()}
        await self._database.write(_OPEN, fields | {"message_id": answer.message_id, "before_id": answer.before_id})

    async def close_answer(self, passage_id: int) -> None:
        """Note that the message of a passage shows its end, or is gone."""
        await self._database.write(_CLOSE, {"id": passage_id})

    async def open_answers(self) -> list[OpenAnswer]:
        """Give the messages that have not shown the end of their passage, oldest first."""
        return [OpenAnswer(**dict(row)) for row in await self._database.read(_ALL, {})]

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
_ANSWERS = """
SELECT passage_id, token, open_answers.message_id, before_id FROM open_answers JOIN passages ON passages.id = passage_id
WHERE shard = :shard ORDER BY open_answers.created_at, passage_id
"""
# Whose passage, answer or command it is says which process has to end it.
_SHARDS = """
SELECT shard FROM passages WHERE state = 'waiting'
UNION SELECT shard FROM open_answers JOIN passages ON passages.id = passage_id
UNION SELECT shard FROM open_commands
ORDER BY shard
"""

TOKEN_SECONDS = 15 * 60
"""How long Discord's key to an answer is good (interactions/receiving-and-responding)."""

_NOTE_COMMAND = """
INSERT OR REPLACE INTO open_commands (interaction_id, token, shard, created_at) VALUES (:id, :token, :shard, :now)
"""
_FORGET_COMMAND = "DELETE FROM open_commands WHERE interaction_id = :id"
_FORGET_OLD_COMMANDS = "DELETE FROM open_commands WHERE created_at NOT BETWEEN :now - :seconds AND :now + :seconds"
_COMMANDS = "SELECT interaction_id, token FROM open_commands WHERE shard = :shard ORDER BY created_at, interaction_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCommand:
    """A command that is being worked on, and Discord's key to its answer."""

    interaction_id: int
    token: str


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
    """The passages and commands that are being worked on, as far as a later start must know of them.

    ``shard`` stands for this process (see ``StoryStore``).
    """

    def __init__(self, database: Database, shard: int) -> None:
        self._database = database
        self._shard = shard

    async def shards(self) -> list[int]:
        """Give the shards whose processes have something that is being worked on, or was left so."""
        return [row["shard"] for row in await self._database.read(_SHARDS, {})]

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

    async def open_answers(self, shard: int | None = None) -> list[OpenAnswer]:
        """Give the messages that have not shown their passage's end, oldest first: this process's, or a shard's."""
        return [OpenAnswer(**dict(row)) for row in await self._database.read(_ANSWERS, self._of(shard))]

    async def note_command(self, command: OpenCommand) -> None:
        """Note that a command is being worked on."""
        fields = {"id": command.interaction_id, "token": command.token, "shard": self._shard, "now": now()}
        await self._database.write(_NOTE_COMMAND, fields)

    async def forget_command(self, interaction_id: int) -> None:
        """Note that a command was answered."""
        await self._database.write(_FORGET_COMMAND, {"id": interaction_id})

    async def open_commands(self, shard: int | None = None) -> list[OpenCommand]:
        """Give the commands that were not answered, oldest first: this process's, or a shard's.

        Those that can't be answered any more are forgotten.
        """
        await self._database.write(_FORGET_OLD_COMMANDS, {"now": now(), "seconds": TOKEN_SECONDS})
        return [OpenCommand(**dict(row)) for row in await self._database.read(_COMMANDS, self._of(shard))]

    def _of(self, shard: int | None) -> dict[str, object]:
        return {"shard": self._shard if shard is None else shard}

"""What a person can press below a passage or a story, and who answers it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol

import discord


class Press(StrEnum):
    """What a person can press. The number beside it is a passage's id unless it is said here."""

    CONTINUE = "continue"
    RETRY = "retry"
    UNDO = "undo"
    WRITE = "write"
    MORE = "more"
    """Shows the rows of what is needed less often, on the same message."""
    LESS = "less"
    STOP = "stop"

    VERSION = "version"
    """Shows another version; its page is that version's place."""
    PLACE = "place"
    """Only says which version this is; never enabled."""
    BRANCH = "branch"
    HEART = "heart"
    """Its number is a story's."""

    REDO = "redo"
    EDIT = "edit"
    RENAME = "rename"
    GENRE = "genre"
    MEMORY = "memory"
    COPY = "copy"
    SHARE = "share"
    ARCHIVE = "archive"
    """Puts the story up in the server's archive."""
    REPORT = "report"
    ASK_DELETE = "ask_delete"
    """Asks on the message itself; answered by DELETE_HERE and KEEP_HERE."""
    DELETE_HERE = "delete_here"
    KEEP_HERE = "keep_here"

    READ = "read"
    """Opens a story for whoever presses. Its number is a story's, as of all that follow."""
    OPEN = "open"
    """Shows where a story ends, here, so that its owner can go on."""
    PAGE = "page"
    EXPORT = "export"
    """Asks in which format."""
    EXPORT_AS = "export_as"
    """Gives the file; its page is the format's place in ``bot.exports.FORMATS``."""
    DELETE = "delete"
    KEEP = "keep"
    LIST = "list"
    """Turns the pages of a person's list of stories; its number is nothing's."""
    TURN_WRITE = "turn_write"
    """Opens the form for a passage of a story told together. Its number is the story's and its page the turn's number,
    as of all that follow; but a vote's is a candidate's."""
    TURN_BOT = "turn_bot"
    TURN_PASS = "turn_pass"  # noqa: S105 - no password: somebody passes their turn on
    TURN_SKIP = "turn_skip"
    TURN_JOIN = "turn_join"
    TURN_LEAVE = "turn_leave"
    TURN_END = "turn_end"
    """Asks before the story ends."""
    TURN_END_NOW = "turn_end_now"
    TURN_VOTE = "turn_vote"

    UNKNOWN = "unknown"
    """Of a button that another version of this program has put there."""

    @classmethod
    def _missing_(cls, value: object) -> Press:  # noqa: ARG003 - the enum calls it so
        return cls.UNKNOWN


class Presses(Protocol):
    """Whoever answers a pressed button; the bot's client is one."""

    async def pressed(self, interaction: discord.Interaction[Any], press: Press, number: int, page: int) -> None:
        """Answer. ``number`` is the id of a passage or a story, see ``Press``."""
        ...

"""A server's archive of stories."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors.parent import BotError


class NoArchive(BotError):
    """The server has no archive, or its channel is gone."""


class PermissionsMissing(BotError):
    """What the bot would have to be allowed in a channel, by Discord's names for it."""

    def __init__(self, channel_id: int, missing: Sequence[str]) -> None:
        super().__init__(f"missing in channel {channel_id}: {', '.join(missing)}")
        self.channel_id = channel_id
        self.missing = tuple(missing)


class TagNeeded(BotError):
    """A forum takes no post without a tag, and has none for this genre."""

    def __init__(self, channel_id: int, tag: str) -> None:
        super().__init__(f"forum {channel_id} wants a tag and has none for the genre")
        self.channel_id = channel_id
        self.tag = tag

"""Where a story told together goes: a thread of its own where the bot may make one, else the channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.errors import PermissionsMissing

THREAD_NAME_LENGTH = 100
ARCHIVED_AFTER_MINUTES: Final = 10080
"""A week without a message, the longest that Discord has."""

_NAMES = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "create_public_threads": "Create Public Threads",
    "embed_links": "Embed Links",
}
"""As Discord's settings call them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a story will be told."""

    new_thread: bool
    note: str = ""
    """Why it is no thread, where it could be one."""


def place_for(interaction: discord.Interaction[Any]) -> Place:
    """Say where a story that is begun here will be told. Raises PermissionsMissing, before anything has begun."""
    may = interaction.app_permissions
    is_thread = isinstance(interaction.channel, discord.Thread)
    for_thread = _missing(may, "view_channel", "embed_links", "create_public_threads", "send_messages_in_threads")
    takes_threads = isinstance(interaction.channel, discord.TextChannel)
    if takes_threads and not for_thread:
        return Place(new_thread=True)
    here = _missing(may, "view_channel", "embed_links", "send_messages_in_threads" if is_thread else "send_messages")
    if here:
        raise PermissionsMissing(interaction.channel_id or 0, [_NAMES[name] for name in here])
    if not takes_threads:
        return Place(new_thread=False)
    lacking = "**, **".join(_NAMES[name] for name in for_thread)
    return Place(new_thread=False, note=f"-# We tell it right here; for a thread of its own I lack **{lacking}**.")


def _missing(may: discord.Permissions, *needed: str) -> list[str]:
    return [] if may.administrator else [name for name in needed if not getattr(may, name)]

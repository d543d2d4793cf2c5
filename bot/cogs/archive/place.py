"""Where a server's archive is on Discord, and what the bot may do there; nothing is asked of Discord for it."""

from __future__ import annotations

import discord

from bot.errors import NoArchive, PermissionsMissing

Place = discord.TextChannel | discord.ForumChannel

_NEEDED = {"view_channel": "View Channel", "send_messages": "Send Messages", "embed_links": "Embed Links"}
"""Discord's names for what it takes to put up stories, as its client shows them."""
_POSTS = "Create Posts"
"""What Send Messages is called in a forum."""


def archive_place(client: discord.Client, guild_id: int, channel_id: int | None) -> Place:
    """Give a channel or forum in which stories can be put up now.

    Raises NoArchive where there is none, and PermissionsMissing.
    """
    guild = client.get_guild(guild_id)
    channel = None if guild is None or channel_id is None else guild.get_channel(channel_id)
    if not isinstance(channel, Place):
        raise NoArchive
    check_permissions(channel)
    return channel


def check_permissions(place: Place) -> None:
    """Raise PermissionsMissing where the bot may not put up stories."""
    allowed = place.permissions_for(place.guild.me)
    missing = [_named(name, place) for name in _NEEDED if not getattr(allowed, name)]
    if missing:
        raise PermissionsMissing(place.id, missing)


def may_make_tags(forum: discord.ForumChannel) -> bool:
    """Say whether the bot may add tags to a forum."""
    return forum.permissions_for(forum.guild.me).manage_channels


def _named(name: str, place: Place) -> str:
    in_forum = isinstance(place, discord.ForumChannel)
    return _POSTS if in_forum and name == "send_messages" else _NEEDED[name]

"""The tags of a forum: a story has that of its genre, which is made where it is missing and may be."""

from __future__ import annotations

import asyncio
import logging
from weakref import WeakValueDictionary

import discord

from bot.cogs.archive.place import may_make_tags
from bot.errors import TagNeeded
from bot.text import clipped

TAGS_OF_FORUM = 20
"""Discord takes so many tags in a forum."""
TAG_LENGTH = 20
"""Discord takes so many letters in the name of a tag."""

log = logging.getLogger(__name__)

_MAKING: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
"""By forum: whoever adds a tag sends all tags, and would delete one that was added meanwhile."""


async def tags_for(forum: discord.ForumChannel, genre: str) -> list[discord.ForumTag]:
    """Give the tag that a story of a genre gets, by the genre's label; none where there is none and can't be.

    Raises TagNeeded where the forum takes no post without.
    """
    name = clipped(genre, TAG_LENGTH)
    tag = _named(forum, name) or await _made(forum, name)
    if tag is None and forum.flags.require_tag:
        raise TagNeeded(forum.id, name)
    return [] if tag is None else [tag]


def _named(forum: discord.ForumChannel, name: str) -> discord.ForumTag | None:
    """Give a tag that the bot may use: a moderated one is for those who manage threads."""
    may_use_all = forum.permissions_for(forum.guild.me).manage_threads
    usable = (tag for tag in forum.available_tags if may_use_all or not tag.moderated)
    return next((tag for tag in usable if tag.name.casefold() == name.casefold()), None)


async def _made(forum: discord.ForumChannel, name: str) -> discord.ForumTag | None:
    if not may_make_tags(forum):
        return None
    async with _MAKING.setdefault(forum.id, asyncio.Lock()):
        try:
            newest = await forum.guild.fetch_channel(forum.id)
            if not isinstance(newest, discord.ForumChannel):
                return None
            names = {tag.name.casefold() for tag in newest.available_tags}
            if name.casefold() in names or len(names) >= TAGS_OF_FORUM:
                return _named(newest, name)
            return await newest.create_tag(name=name)
        except discord.HTTPException as error:  # the story matters more than its tag
            log.warning("forum %d got no tag: %s", forum.id, error)
            return None

"""Posts of an archive on Discord: a message in a channel; in a forum a post, which is a thread with its first message.

All functions raise what discord.py raises; NotFound where the post is gone.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence

import discord
from discord.utils import MISSING

from bot.cogs.archive.place import Place
from bot.look.screens import Screen
from bot.store import ArchivePost, GoneMessage

WITHOUT_STORY = "A story that is gone"
"""What a forum's post is called whose story is gone, where the bot may not delete it."""

_ARCHIVED = 50083
"""Discord's code for what it refuses in a thread that is archived."""

log = logging.getLogger(__name__)


async def put_up(place: Place, screen: Screen, *, name: str, tags: Sequence[discord.ForumTag]) -> discord.Message:
    """Post a story."""
    content, view = screen.content or MISSING, screen.view or MISSING
    if isinstance(place, discord.ForumChannel):
        made = await place.create_thread(
            name=name, content=content, embeds=screen.embeds, view=view, applied_tags=tags or MISSING
        )
        return made.message
    return await place.send(screen.content, embeds=screen.embeds, view=view)


async def show(client: discord.Client, post: ArchivePost, screen: Screen, *, name: str) -> None:
    """Let a post show this; one that nobody wrote in for long is opened again, or Discord would take no edit."""
    thread = await _thread(client, post.channel_id) if post.in_forum else None
    if thread is not None and thread.archived:
        await thread.edit(archived=False)
    # The words first: a name may be changed only now and then.
    await _message(client, post).edit(content=screen.content, embeds=screen.embeds, view=screen.view)
    if thread is not None and thread.name != name:
        await thread.edit(name=name)


async def tag(client: discord.Client, post: ArchivePost, tags: Sequence[discord.ForumTag]) -> None:
    """Give a forum's post these tags; what people have added stays, as far as there is room."""
    thread = await _thread(client, post.channel_id)
    if tags and not set(tags) <= set(thread.applied_tags):
        await thread.edit(applied_tags=[*tags, *thread.applied_tags][:5])


async def take_away(client: discord.Client, gone: GoneMessage) -> None:
    """Delete a message; a forum's post with all that was said below it.

    Where only its owner's server may delete a post, its words and its name go, and an empty post stays.
    """
    is_post = gone.channel_id == gone.message_id  # so Discord numbers the first message of a forum's post
    with contextlib.suppress(discord.NotFound):
        if is_post:
            await _take_post_away(client, gone)
        else:
            await _delete(client, gone)


async def _take_post_away(client: discord.Client, gone: GoneMessage) -> None:
    thread = await _thread(client, gone.channel_id)
    try:
        await thread.delete()
    except discord.Forbidden:
        log.info("post %d may not be deleted, so it is emptied", gone.message_id)
        await _delete(client, gone)
        await thread.edit(name=WITHOUT_STORY)


async def _delete(client: discord.Client, gone: GoneMessage) -> None:
    """Delete a message, of an archived thread after opening it."""
    try:
        await _message(client, gone).delete()
    except discord.HTTPException as error:
        if error.code != _ARCHIVED:
            raise
        await (await _thread(client, gone.channel_id)).edit(archived=False)
        await _message(client, gone).delete()


async def _thread(client: discord.Client, channel_id: int) -> discord.Thread:
    channel = await client.fetch_channel(channel_id)
    if not isinstance(channel, discord.Thread):
        raise TypeError(f"channel {channel_id} is no thread")
    return channel


def _message(client: discord.Client, post: ArchivePost | GoneMessage) -> discord.PartialMessage:
    return client.get_partial_messageable(post.channel_id).get_partial_message(post.message_id)

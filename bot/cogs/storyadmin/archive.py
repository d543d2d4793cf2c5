"""``/storyadmin archive``: where stories are put up that their owners send there."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.archive.place import Place, check_permissions, may_make_tags
from bot.cogs.storyadmin.permission import may_administer
from bot.errors import MayNotAdminister
from bot.store import StoryStore

Interaction = discord.Interaction[Any]

SET = (
    "Stories go to {place} from now on when their owners press **To the archive**, below **More**. "
    "I post nothing there by myself. What stands in an older archive stays there and is kept right."
)
NO_TAGS = "I may not manage that forum, so a story gets a tag only where there is one with its genre's name."
OFF = "This server has no archive from now on. What was put up stays and is kept right."
IS_THERE = "The archive is {place}. `channel:` chooses another, `off:True` stops it."
IS_NONE = "This server has no archive. `channel:` chooses a text channel or a forum for it."


class _Place(app_commands.Transformer):
    """A text channel or a forum. Media channels, forums too for discord.py, take no post without a picture."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return [discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum]

    async def transform(self, _interaction: Interaction, value: Any) -> Place:  # noqa: ANN401 - discord.py calls it so
        found = value.resolve()
        if not isinstance(found, Place):
            raise TypeError("no channel in which stories can be put up")
        return found


def archive_command(store: StoryStore) -> app_commands.Command[Any, ..., Any]:
    """Make the command."""

    @app_commands.command(name="archive", description="Where stories are put up that their owners send there")
    @app_commands.describe(
        channel="A text channel, or a forum in which each story is a post with its genre as a tag",
        off="True: no archive from now on",
    )
    async def archive(
        interaction: discord.Interaction,
        channel: app_commands.Transform[Place, _Place] | None = None,
        off: bool = False,
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        guild_id = await may_administer(interaction)
        await interaction.edit_original_response(content=await _set(store, guild_id, interaction, channel, off=off))

    return archive


async def _set(store: StoryStore, guild_id: int, interaction: Interaction, channel: Place | None, *, off: bool) -> str:
    if off:
        await store.archives.set_channel(guild_id, interaction.user.id, None)
        return OFF
    if channel is None:
        channel_id = await store.archives.channel_of(guild_id)
        return IS_NONE if channel_id is None else IS_THERE.format(place=f"<#{channel_id}>")
    if channel.guild.id != guild_id:
        raise MayNotAdminister
    check_permissions(channel)
    await store.archives.set_channel(guild_id, interaction.user.id, channel.id)
    said = SET.format(place=f"<#{channel.id}>")
    without_tags = isinstance(channel, discord.ForumChannel) and not may_make_tags(channel)
    return f"{said} {NO_TAGS}" if without_tags else said

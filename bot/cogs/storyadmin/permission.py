"""Who may use ``/storyadmin``, asked again at every command and button: what Discord hides can be forged."""

from __future__ import annotations

from typing import Any

import discord

from bot.errors import MayNotAdminister, OnlyInServers


async def may_administer(interaction: discord.Interaction[Any]) -> int:
    """Give the id of the server that this person may look after here.

    Raises OnlyInServers and MayNotAdminister.
    """
    if interaction.guild_id is None:
        raise OnlyInServers
    if not (interaction.permissions.manage_guild or interaction.permissions.administrator):
        raise MayNotAdminister
    return interaction.guild_id

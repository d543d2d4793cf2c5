"""Who may decide about a server: asked by each command itself, since Discord's own settings can be changed."""

from __future__ import annotations

from typing import Any

import discord

from bot.errors import MayNotAdminister


def may_administer(interaction: discord.Interaction[Any]) -> bool:
    """Say whether somebody may: who manages the server, and nobody in direct messages."""
    may = interaction.permissions
    return interaction.guild_id is not None and (may.manage_guild or may.administrator)


def require_administrator(interaction: discord.Interaction[Any]) -> int:
    """Give the id of the server that somebody may decide about. Raises MayNotAdminister."""
    if interaction.guild_id is None or not may_administer(interaction):
        raise MayNotAdminister
    return interaction.guild_id

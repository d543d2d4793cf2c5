"""``/storyadmin block|unblock|blocked|log``: people who tell no stories in a server, and who changed what there."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.storyadmin.panel import RulesPanel, check_blockable
from bot.cogs.storyadmin.panel_controls import Section
from bot.store import StoryStore

REASON_LENGTH = 200
"""Greatest length in characters of the reason for a block."""

Reason = app_commands.Range[str, 1, REASON_LENGTH]


def add_people_commands(group: app_commands.Group, panel: RulesPanel, store: StoryStore) -> None:
    """Hang the commands about people on ``/storyadmin``."""
    for command in (_block(panel), _unblock(panel, store), _blocked(panel), _log(panel)):
        group.add_command(command)


def _block(panel: RulesPanel) -> app_commands.Command[Any, ..., Any]:
    @app_commands.command(name="block", description="Let somebody tell no more stories in this server")
    @app_commands.describe(person="Who", reason="Why; it stands in the log, and the person can see it")
    async def block(interaction: discord.Interaction, person: discord.User, reason: Reason = "") -> None:
        await interaction.response.defer(ephemeral=True)
        check_blockable(interaction, person.id)
        await panel.block(interaction, person.id, " ".join(reason.split())[:REASON_LENGTH])
        await panel.show(interaction, Section.BLOCKED, f"<@{person.id}> tells no more stories here.")

    return block


def _unblock(panel: RulesPanel, store: StoryStore) -> app_commands.Command[Any, ..., Any]:
    @app_commands.command(name="unblock", description="Let somebody tell stories in this server again")
    @app_commands.describe(person="Who; the number of an account works too")
    async def unblock(interaction: discord.Interaction, person: discord.User) -> None:
        await interaction.response.defer(ephemeral=True)
        await store.servers.unblock(interaction.guild_id or 0, person.id, by=interaction.user.id)
        await panel.show(interaction, Section.BLOCKED, f"<@{person.id}> may tell stories here again.")

    return unblock


def _blocked(panel: RulesPanel) -> app_commands.Command[Any, ..., Any]:
    @app_commands.command(name="blocked", description="Who is blocked in this server, and why")
    async def blocked(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await panel.show(interaction, Section.BLOCKED)

    return blocked


def _log(panel: RulesPanel) -> app_commands.Command[Any, ..., Any]:
    @app_commands.command(name="log", description="Who changed what in this server")
    async def log(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await panel.show(interaction, Section.LOG)

    return log

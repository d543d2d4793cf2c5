"""The commands, with one place for what goes wrong in any of them, and one for who may use ``/storyadmin``."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.storyadmin.permission import may_administer
from bot.logs import current_interaction
from bot.look.open_commands import OpenCommands
from bot.replies import answer_error

STORYADMIN = "storyadmin"
CHAT_INPUT = discord.AppCommandType.chat_input.value

log = logging.getLogger(__name__)


class NotingBot(commands.AutoShardedBot):
    """A bot that notes which commands it works on."""

    open_commands: OpenCommands


class StoryTree(app_commands.CommandTree["NotingBot"]):
    """The tree of the bot's commands."""

    async def interaction_check(self, interaction: discord.Interaction[NotingBot], /) -> bool:
        """Note which command is worked on, and refuse ``/storyadmin`` to whoever may not use it.

        Discord hides it from them, but what is hidden can be forged.
        """
        current_interaction.set(interaction.id)
        if interaction.type is discord.InteractionType.application_command:
            interaction.client.open_commands.begun(interaction)
        data: Any = interaction.data or {}
        if data.get("name") != STORYADMIN or data.get("type", CHAT_INPUT) != CHAT_INPUT:
            return True
        try:
            await may_administer(interaction)
        except Exception as error:  # noqa: BLE001 - the last place where the person can be told
            await _refuse(interaction, error)
            await interaction.client.open_commands.ended(interaction)
            return False
        return True

    async def on_error(self, interaction: discord.Interaction[NotingBot], error: app_commands.AppCommandError) -> None:
        """Tell the person a sentence; discord.py would only write to the log."""
        if interaction.type is discord.InteractionType.autocomplete:
            log.error("autocomplete failed in interaction %s", interaction.id, exc_info=error)
            return
        await answer_error(interaction, error)
        await interaction.client.open_commands.ended(interaction)


async def _refuse(interaction: discord.Interaction[Any], error: Exception) -> None:
    if interaction.type is discord.InteractionType.autocomplete:
        await interaction.response.autocomplete([])
    else:
        await answer_error(interaction, error)

"""What every control does that works after a restart: it is noted while it is answered, and errors become sentences."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, cast

import discord

from bot.replies import answer_error


class NotesWork(Protocol):
    """The bot, which notes what people wait for."""

    def working(self, interaction: discord.Interaction[Any]) -> AbstractAsyncContextManager[None]:
        """Note a button, a menu or a form until the block ends."""
        ...


class Lasting:
    """What all our ``discord.ui.DynamicItem`` have in common; among their bases it stands before that one."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer it, and tell the person what goes wrong; discord.py would only log that."""
        async with cast("NotesWork", interaction.client).working(interaction):
            try:
                await self.answer(interaction)
            except Exception as error:  # noqa: BLE001 - the last place where the person can be told
                await answer_error(interaction, error)

    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Do what this control is for. May raise whatever there is a sentence for, and what there is none for."""
        raise NotImplementedError

"""What people wait for, a command, a button or a form, is noted meanwhile: none says "is thinking…" after a crash.

Noting goes on beside the answering, which has three seconds to answer and can't wait for a disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord

from bot.errors import DatabaseUnusable
from bot.store import OpenCommand, StoryStore

log = logging.getLogger(__name__)


class OpenCommands:
    """Those of one run of the bot."""

    def __init__(self, store: StoryStore) -> None:
        self._store = store
        self._notes: dict[int, asyncio.Task[None]] = {}

    def begun(self, interaction: discord.Interaction[Any]) -> None:
        """Note a command that somebody has sent."""
        command = OpenCommand(interaction_id=interaction.id, token=interaction.token)
        self._notes[interaction.id] = asyncio.create_task(self._note(command))

    async def ended(self, interaction: discord.Interaction[Any]) -> None:
        """Forget a command that was answered, one way or the other; others are no matter."""
        note = self._notes.pop(interaction.id, None)
        if note is None:
            return
        await note
        try:
            await self._store.unfinished.forget_command(interaction.id)
        except DatabaseUnusable as error:
            log.warning("interaction %d is noted as open and was answered: %s", interaction.id, error.problem)

    @asynccontextmanager
    async def working(self, interaction: discord.Interaction[Any]) -> AsyncIterator[None]:
        """Note a button or a form until the block ends."""
        self.begun(interaction)
        try:
            yield
        finally:
            await self.ended(interaction)

    async def _note(self, command: OpenCommand) -> None:
        try:
            await self._store.unfinished.note_command(command)
        except DatabaseUnusable as error:
            log.warning("interaction %d could not be noted: %s", command.interaction_id, error.problem)

"""What people wait for, a command, a button or a form, is noted meanwhile: none says "is thinking…" after a crash.

Noting goes on beside the answering, which has three seconds to answer and can't wait for a disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
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
        self._none_open = asyncio.Event()
        self._none_open.set()

    def begun(self, interaction: discord.Interaction[Any]) -> None:
        """Note a command that somebody has sent."""
        command = OpenCommand(interaction_id=interaction.id, token=interaction.token)
        self._notes[interaction.id] = asyncio.create_task(self._note(command))
        self._none_open.clear()

    async def ended(self, interaction: discord.Interaction[Any]) -> None:
        """Forget a command that was answered, one way or the other; others are no matter."""
        note = self._notes.get(interaction.id)
        if note is None:
            return
        try:
            await note
            await self._store.unfinished.forget_command(interaction.id)
        except DatabaseUnusable as error:
            log.warning("interaction %d is noted as open and was answered: %s", interaction.id, error.problem)
        finally:
            self._forget(interaction.id)

    async def all_ended(self, seconds: float) -> None:
        """Wait until nothing is worked on, so that nobody's answer meets a closed database; not for longer."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._none_open.wait(), seconds)

    @contextlib.asynccontextmanager
    async def working(self, interaction: discord.Interaction[Any]) -> AsyncIterator[None]:
        """Note a button or a form until the block ends."""
        self.begun(interaction)
        try:
            yield
        finally:
            await self.ended(interaction)

    def _forget(self, interaction_id: int) -> None:
        self._notes.pop(interaction_id, None)
        if not self._notes:
            self._none_open.set()

    async def _note(self, command: OpenCommand) -> None:
        try:
            await self._store.unfinished.note_command(command)
        except DatabaseUnusable as error:
            log.warning("interaction %d could not be noted: %s", command.interaction_id, error.problem)

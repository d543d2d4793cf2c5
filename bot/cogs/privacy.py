"""``/privacy summary|export|history|delete``: what is stored about a person, theirs to see, take along and delete."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.privacy_buttons import COG, Decision, question_view
from bot.config import Config
from bot.errors import NotYourQuestion, UnknownButton
from bot.privacy.export import personal_files
from bot.privacy.words import (
    HISTORY_OFF,
    HISTORY_ON,
    delete_question,
    deleted_text,
    history_question,
    summary_text,
)
from bot.store import StoryStore
from bot.storytelling.storyteller import Storyteller

ON, OFF = "on", "off"


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class PrivacyCog(commands.GroupCog, name=COG, group_name="privacy", group_description="What I have of yours"):
    """A person's own data. Everything here is seen by them alone."""

    def __init__(
        self, storyteller: Storyteller, store: StoryStore, config: Config, forgotten: Callable[[], None]
    ) -> None:
        """``forgotten`` is called when somebody was forgotten: others may have been waiting for them."""
        self._storyteller = storyteller
        self._store = store
        self._config = config
        self._forgotten = forgotten

    @app_commands.command(name="summary", description="What I have of yours, and who can see it")
    async def summary(self, interaction: discord.Interaction) -> None:
        """Say what is stored, how much, and what never happens with it."""
        await interaction.response.defer(ephemeral=True)
        summary = await self._store.people.summary_of(interaction.user.id)
        remote = self._config.story_engine == "remote"
        text = summary_text(summary, remote=remote, retention_days=self._config.retention_days)
        await interaction.edit_original_response(embed=discord.Embed(title="Your privacy", description=text))

    @app_commands.command(name="export", description="Get everything that I have of yours, as files")
    async def export(self, interaction: discord.Interaction) -> None:
        """Give everything as JSON and as text."""
        await interaction.response.defer(ephemeral=True)
        everything = await self._store.people.everything_of(interaction.user.id)
        files = await asyncio.to_thread(personal_files, everything)
        await interaction.edit_original_response(
            content="Everything that I have of yours: as JSON for programs, and as text to read.",
            attachments=[discord.File(io.BytesIO(file.data), filename=file.name) for file in files],
        )

    @app_commands.command(name="history", description="Keep your stories, or only the one that you write now")
    @app_commands.describe(keep="Off: a new story replaces the one before it")
    @app_commands.choices(keep=[app_commands.Choice(name="On", value=ON), app_commands.Choice(name="Off", value=OFF)])
    async def history(self, interaction: discord.Interaction, keep: str) -> None:
        """Turn the keeping of stories on or off; ask first where stories would go."""
        await interaction.response.defer(ephemeral=True)
        user_id = interaction.user.id
        stories = await self._store.count_stories(user_id)
        if keep == OFF and stories > 1:
            view = question_view(user_id, Decision.HISTORY_OFF, Decision.HISTORY_ON)
            await interaction.edit_original_response(content=history_question(stories), view=view)
            return
        await self._store.people.set_keeps_history(user_id, keep != OFF)
        await interaction.edit_original_response(content=HISTORY_OFF if keep == OFF else HISTORY_ON)

    @app_commands.command(name="delete", description="Delete everything that I have of yours, for good")
    async def delete(self, interaction: discord.Interaction) -> None:
        """Ask once before everything goes."""
        await interaction.response.defer(ephemeral=True)
        user_id = interaction.user.id
        summary = await self._store.people.summary_of(user_id)
        decisions = [Decision.DELETE_ALL, Decision.DELETE_NAME, Decision.KEEP]
        if not summary.words_in_others:
            decisions.remove(Decision.DELETE_NAME)
        await interaction.edit_original_response(
            content=delete_question(summary), view=question_view(user_id, *decisions)
        )

    async def decided(self, interaction: discord.Interaction[Any], decision: Decision, asked_id: int) -> None:
        """Do what a person has decided (see ``bot.cogs.privacy_buttons.Decides``).

        Raises NotYourQuestion for anybody but the person who was asked.
        """
        if interaction.user.id != asked_id:
            raise NotYourQuestion
        if decision is Decision.UNKNOWN:
            raise UnknownButton
        await interaction.response.defer()
        sentence = await self._done(interaction.user.id, decision)
        await interaction.edit_original_response(content=sentence, view=None)

    async def _done(self, user_id: int, decision: Decision) -> str:
        match decision:
            case Decision.DELETE_ALL | Decision.DELETE_NAME:
                return await self._forget(user_id, words_in_others=decision is Decision.DELETE_ALL)
            case Decision.HISTORY_OFF:
                return await self._turn_history_off(user_id)
            case Decision.HISTORY_ON:
                return f"Nothing was changed. {HISTORY_ON}"
            case _:
                return "Nothing was deleted."

    async def _forget(self, user_id: int, *, words_in_others: bool) -> str:
        await self._storyteller.stop_all(user_id)
        forgotten = await self._store.people.forget(user_id, words_in_others=words_in_others)
        self._forgotten()
        return deleted_text(forgotten, words_in_others=words_in_others)

    async def _turn_history_off(self, user_id: int) -> str:
        await self._store.people.set_keeps_history(user_id, keeps=False)
        newest = await self._store.stories_of(user_id, limit=1)
        gone = await self._store.people.forget_other_stories(user_id, newest[0].id if newest else None)
        return f"{HISTORY_OFF} {gone:,} older {'one is' if gone == 1 else 'ones are'} deleted."

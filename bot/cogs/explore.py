"""``/explore``: what could come next, as a picture, and what each option leaves of it; menus redraw it."""

from __future__ import annotations

import asyncio
import io
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.discretion import is_refused
from bot.cogs.explore_card import PICTURE_NAME, explore_cards, picture_words, prompt_of
from bot.cogs.explore_menus import explore_view, rounded
from bot.cogs.sampling_parameters import takes_sampling_options
from bot.cogs.story_suggestions import GENRE_CHOICES, StoryChoices, genre_named
from bot.look.showing import teller_of
from bot.store import StoryStore
from bot.storytelling.exploring import EXPLORE_PROMPT_LENGTH, Exploring, Wish
from bot.storytelling.storyteller import Storyteller
from storygen.genre import Genre
from storygen.sampling import SamplingOverrides

_SEEDS = 1_000_000  # short ones, to be read in a footer

Explore = Callable[[discord.Interaction, str, str, SamplingOverrides], Coroutine[Any, Any, None]]


class ExploreCog(commands.Cog):
    """Learning what the options do."""

    def __init__(self, exploring: Exploring, storyteller: Storyteller, store: StoryStore) -> None:
        self._exploring = exploring
        self._storyteller = storyteller
        choices = StoryChoices(exploring.genres, store)
        self._command = explore_command(exploring.genres, self._explore, choices)
        self._answering: set[asyncio.Task[Any]] = set()

    @property
    def commands(self) -> tuple[app_commands.Command[Any, ..., Any], ...]:
        """The commands that depend on the model's genres and so can't stand in the class."""
        return (self._command,)

    async def close(self, timeout_seconds: float) -> None:
        """Give up what is being explored, and wait until everybody was told so, at most so long."""
        self._exploring.close()
        if self._answering:
            await asyncio.wait(self._answering, timeout=timeout_seconds)

    async def redraw(self, interaction: discord.Interaction[Any], wish: Wish) -> None:
        """Draw anew: in its place for whoever asked for it, for anybody else in a message that only they see."""
        message = interaction.message
        if message is None or _is_of(message, interaction.user):
            await interaction.response.defer()
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
        await self._show(interaction, replace(wish, prompt=prompt_of(message)) if message else wish)

    async def _explore(
        self, interaction: discord.Interaction, genre: str, prompt: str, overrides: SamplingOverrides
    ) -> None:
        refused = await is_refused(self._storyteller.gate.admit(teller_of(interaction)))
        await interaction.response.defer(ephemeral=refused, thinking=True)
        options = await self._storyteller.options_for(teller_of(interaction), overrides)
        wish = Wish(
            genre=genre_named(genre, self._exploring.genres),
            prompt=prompt,
            options=rounded(options),
            seed=secrets.randbelow(_SEEDS),
        )
        await self._show(interaction, wish)

    async def _show(self, interaction: discord.Interaction[Any], wish: Wish) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        explored = await self._exploring.explore(teller_of(interaction), wish)
        words = picture_words(explored.exploration)
        await interaction.edit_original_response(
            content=None,
            embeds=explore_cards(explored, self._exploring.genres),
            attachments=[discord.File(io.BytesIO(explored.picture), PICTURE_NAME, description=words)],
            view=explore_view(explored.wish),
        )


def explore_command(
    genres: tuple[Genre, ...], explore: Explore, choices: StoryChoices
) -> app_commands.Command[Any, ..., Any]:
    """Make ``/explore`` for the genres of a model."""

    @app_commands.command(name="explore", description="See which words could come next, and what the options do")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        genre="What kind of story",
        prompt="How it begins; the picture shows the word after it",
    )
    @takes_sampling_options("temperature", "top_k", "top_p", "repetition_penalty")
    async def explore_(
        interaction: discord.Interaction,
        *,
        genre: str,
        prompt: app_commands.Range[str, 1, EXPLORE_PROMPT_LENGTH],
        overrides: SamplingOverrides,
    ) -> None:
        await explore(interaction, genre, prompt, overrides)

    if len(genres) <= GENRE_CHOICES:
        labels = [app_commands.Choice(name=app_commands.locale_str(genre.label), value=genre.name) for genre in genres]
        return app_commands.choices(genre=labels)(explore_)
    explore_.autocomplete("genre")(choices.genres)
    return explore_


def _is_of(message: discord.Message, user: discord.User | discord.Member) -> bool:
    """Say whether a person's command or choice brought the message; what only one can see is theirs."""
    if message.flags.ephemeral:
        return True
    asked = message.interaction_metadata
    return asked is not None and asked.user.id == user.id

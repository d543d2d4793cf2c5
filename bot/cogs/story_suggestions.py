"""What ``/story`` suggests while somebody types: presets, and genres where a model has more than a menu takes."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.preset_suggestions import suggested_presets
from bot.store import StoryStore
from storygen.genre import Genre

GENRE_CHOICES = 25
"""Discord takes at most so many choices, and shows at most so many suggestions."""

Choices = list[app_commands.Choice[str]]


class StoryChoices:
    """Suggestions. What is chosen or typed in the end is checked like any other value."""

    def __init__(self, genres: tuple[Genre, ...], store: StoryStore) -> None:
        self._genres = genres
        self._store = store

    async def presets(self, interaction: discord.Interaction[Any], typed: str) -> Choices:
        """Suggest the person's own presets and the bot's."""
        return suggested_presets(await self._store.people.presets_of(interaction.user.id), typed)

    async def genres(self, _interaction: discord.Interaction[Any], typed: str) -> Choices:
        """Suggest genres by their name or label."""
        words = typed.strip().casefold()
        fitting = [each for each in self._genres if words in each.label.casefold() or words in each.name]
        return [app_commands.Choice(name=genre.label, value=genre.name) for genre in fitting[:GENRE_CHOICES]]


def genre_named(typed: str, genres: tuple[Genre, ...]) -> str:
    """Give the name of the genre that somebody typed by name or label; what is none is given back as it is."""
    words = typed.strip().casefold()
    return next((genre.name for genre in genres if words in (genre.name, genre.label.casefold())), typed)

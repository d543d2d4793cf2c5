"""``/help``: topics to read about, chosen with the command or from the list below its answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.help_topics import HEADINGS, Topic, help_text
from bot.controls.lasting import Lasting
from storygen.engine import Engine
from storygen.genre import Genre


class HelpCog(commands.Cog):
    """What the bot does and how to begin."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @app_commands.command(name="help", description="How to begin, and what else there is")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(topic="What you want to read about")
    @app_commands.choices(
        topic=[app_commands.Choice(name=heading.label, value=topic.value) for topic, heading in HEADINGS.items()]
    )
    async def help(self, interaction: discord.Interaction, topic: str = Topic.BEGIN.value) -> None:
        """Show a topic, and the list of all."""
        card, view = help_card(topic, self._engine.genres), topics_view()
        await interaction.response.send_message(embed=card, view=view, ephemeral=True)

    async def turn_to(self, interaction: discord.Interaction[Any], topic: str) -> None:
        """Show another topic in place of the one that is there."""
        await interaction.response.edit_message(embed=help_card(topic, self._engine.genres), view=topics_view())


class TopicSelect(
    Lasting,
    discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]],
    template=re.compile(r"help:topic"),
):
    """The list of topics below an answer of ``/help``; it works after a restart."""

    def __init__(self) -> None:
        super().__init__(
            discord.ui.Select(
                custom_id="help:topic",
                placeholder="Read about something else",
                options=[
                    discord.SelectOption(label=heading.label, description=heading.purpose, value=topic.value)
                    for topic, heading in HEADINGS.items()
                ],
            )
        )

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - discord.py calls it so
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],  # noqa: ARG003
    ) -> Self:
        """Make the list again from its id."""
        return cls()

    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Turn to the topic that was chosen."""
        await interaction.client.get_cog(HelpCog.__name__).turn_to(interaction, _chosen(interaction))


def help_card(topic: str, genres: Sequence[Genre]) -> discord.Embed:
    """Give a topic as a card; one that another version of this program had begins at the beginning."""
    known = Topic(topic) if topic in set(Topic) else Topic.BEGIN
    return discord.Embed(title=HEADINGS[known].label, description=help_text(known, genres))


def topics_view() -> discord.ui.View:
    """Give the list of topics."""
    view = discord.ui.View(timeout=None)
    view.add_item(TopicSelect())
    return view


def _chosen(interaction: discord.Interaction[Any]) -> str:
    data: Any = interaction.data or {}
    return str(next(iter(data.get("values", ())), Topic.BEGIN))

"""``/storyadmin stats``: how much is told in a server, as a picture and in words."""

from __future__ import annotations

import asyncio
import io
import time
from typing import Any

import discord
from discord import app_commands

from bot.cogs.storyadmin.permission import may_administer
from bot.look.server_picture import draw_server, figures_in_words
from bot.store import StoryStore
from bot.store.server_figures import DAY
from storygen.engine import Engine

DAYS = 30
FILE_NAME = "stories.png"
NOTHING_TOLD = "Nobody has told a story in this server in the last 30 days. `/story` begins one."


def stats_command(store: StoryStore, engine: Engine) -> app_commands.Command[Any, ..., Any]:
    """Make the command."""
    drawing = asyncio.Lock()

    @app_commands.command(name="stats", description="What was told here in the last 30 days, as a picture")
    async def stats(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        guild_id = await may_administer(interaction)
        figures = await store.figures.of_server(guild_id, today=int(time.time()) // DAY, days=DAYS)
        if not figures.stories and not figures.people:
            await interaction.edit_original_response(content=NOTHING_TOLD)
            return
        words = figures_in_words(figures, engine.genres)
        async with drawing:  # a core for one picture at a time is enough
            picture = await asyncio.to_thread(draw_server, figures, engine.genres)
        file = discord.File(io.BytesIO(picture), filename=FILE_NAME, description=words)
        embed = discord.Embed(title="Stories of this server", description=words)
        embed.set_image(url=f"attachment://{FILE_NAME}")
        await interaction.edit_original_response(embed=embed, attachments=[file])

    return stats

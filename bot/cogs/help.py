"""``/help``, ``/about`` and ``/ping``."""

from __future__ import annotations

import math
from collections.abc import Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot.store import StoryStore
from bot.waiting_time import in_words
from storygen.engine import Engine, EngineState, EngineStatus
from storygen.genre import Genre

_HELP = """\
`/story` writes a story: choose a genre and, if you like, type how it begins.
Below a story, **Continue** goes on, **Retry** writes the last passage again, **Stop** stops.

`/stories` lists, reads and deletes what you wrote.
`/settings` keeps your own values for all stories.
`/about` says who is writing here, `/ping` whether the bot is awake.

Try: `/story genre:{genre} prompt:{prompt}`"""

_OPENINGS = {"superhero": "Batman is hunting down"}
_OTHER_OPENING = "Nobody had opened that door for years"
"""For a genre of somebody's own."""

_STATES = {
    EngineState.LOADING: "waking up",
    EngineState.READY: "ready",
    EngineState.PAUSED: "having a break",
    EngineState.DRAINING: "finishing its last stories",
    EngineState.FAILED: "not working; whoever runs this bot finds why in the log",
    EngineState.STOPPED: "shutting down",
}


def help_text(genres: Sequence[Genre]) -> str:
    """Give the commands in the order in which a newcomer needs them; the example has the model's first genre."""
    first = genres[0]
    return _HELP.format(genre=first.label, prompt=_OPENINGS.get(first.name, _OTHER_OPENING))


class HelpCog(commands.Cog):
    """What the bot is and how to begin."""

    def __init__(self, bot: commands.AutoShardedBot, store: StoryStore, engine: Engine) -> None:
        self._bot = bot
        self._store = store
        self._engine = engine

    @app_commands.command(name="help", description="How to begin")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def help(self, interaction: discord.Interaction) -> None:
        """Show the commands in the order in which a newcomer needs them."""
        embed = discord.Embed(title="Stories, written by a small model", description=help_text(self._engine.genres))
        await interaction.response.send_message(embed=embed, ephemeral=True)

    @app_commands.command(name="about", description="Who is writing here")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def about(self, interaction: discord.Interaction) -> None:
        """Show the model, its genres and how much was written."""
        await interaction.response.defer(ephemeral=True)
        counts = await self._store.counts()
        status = self._engine.status()
        embed = discord.Embed(
            title="About",
            description="Everything here is written by a small GPT-2 on the machine of whoever runs this bot. "
            "It invents; nothing is true. Prompts and stories are never used to train it.",
        )
        embed.add_field(name="Model", value=f"{status.model} on {status.device}")
        embed.add_field(name="Genres", value=", ".join(genre.label for genre in self._engine.genres))
        embed.add_field(name="Written so far", value=_written(counts.stories, counts.people))
        await interaction.edit_original_response(embed=embed)

    @app_commands.command(name="ping", description="Is the bot awake?")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def ping(self, interaction: discord.Interaction) -> None:
        """Say how far away Discord is, how the model is, and how long the queue."""
        status = self._engine.status()
        latency = f"{self._bot.latency * 1000:.0f} ms" if math.isfinite(self._bot.latency) else "not known yet how far"
        await interaction.response.send_message(
            f"Awake. Discord is {latency} away. The model is {_STATES[status.state]}: "
            f"{status.running} being written, {status.waiting} waiting.{_how_long(status)}",
            ephemeral=True,
        )


def _how_long(status: EngineStatus) -> str:
    """Say how long one more story would wait, where that is known and worth saying."""
    if not status.waiting or status.waiting_seconds is None:
        return ""
    return f" Another story would wait {in_words(status.waiting_seconds)}."


def _written(stories: int, people: int) -> str:
    """Say how many stories there are, and by how many people."""
    return f"{stories:,} {'story' if stories == 1 else 'stories'} by {people:,} {'person' if people == 1 else 'people'}"

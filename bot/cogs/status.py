"""``/about``, ``/queue`` and ``/ping``: who is writing here, and how busy it is."""

from __future__ import annotations

import math

import discord
from discord import app_commands
from discord.ext import commands

from bot.config import Config
from bot.sentences.waiting_time import in_words
from bot.store import StoryStore
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Telling
from bot.text import clipped, escaped
from storygen.engine import Engine, EngineState, EngineStatus

TITLE_SHOWN = 80
"""Characters of a story's title in a list."""

_STATES = {
    EngineState.LOADING: "waking up",
    EngineState.READY: "ready",
    EngineState.PAUSED: "having a break",
    EngineState.DRAINING: "finishing its last stories",
    EngineState.FAILED: "not working; whoever runs this bot finds why in the log",
    EngineState.STOPPED: "shutting down",
}


class StatusCog(commands.Cog):
    """How the bot is."""

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        storyteller: Storyteller,
        store: StoryStore,
        engine: Engine,
        config: Config,
    ) -> None:
        self._bot = bot
        self._storyteller = storyteller
        self._store = store
        self._engine = engine
        self._config = config

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
            description=f"Everything here is written by a small language model {where_it_writes(self._config)}. "
            "It invents; nothing is true. Prompts and stories are never used to train it.",
        )
        embed.add_field(name="Model", value=f"{status.model} on {status.device}")
        embed.add_field(name="Genres", value=", ".join(genre.label for genre in self._engine.genres))
        embed.add_field(name="Written so far", value=_written(counts.stories, counts.people))
        await interaction.edit_original_response(embed=embed)

    @app_commands.command(name="queue", description="Where your stories stand, and how long a new one would wait")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def queue(self, interaction: discord.Interaction) -> None:
        """Show the person's own stories that wait or are being written, and the engine's state."""
        status = self._engine.status()
        lines = [_place(telling) for telling in self._storyteller.running_of(interaction.user.id)]
        own = "\n".join(lines) or "Nothing of yours is waiting or being written. `/story` begins one."
        await interaction.response.send_message(f"{own}\n{_state(status)}", ephemeral=True)

    @app_commands.command(name="ping", description="Is the bot awake?")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def ping(self, interaction: discord.Interaction) -> None:
        """Say how far away Discord is, how the model is, and how long the queue."""
        latency = f"{self._bot.latency * 1000:.0f} ms" if math.isfinite(self._bot.latency) else "not known yet how far"
        await interaction.response.send_message(
            f"Awake. Discord is {latency} away. {_state(self._engine.status())}", ephemeral=True
        )


def where_it_writes(config: Config) -> str:
    """Say on whose machine the stories are written."""
    if config.story_engine == "remote":
        return "on servers that whoever runs this bot has chosen"
    return "on the machine of whoever runs this bot"


def _place(telling: Telling) -> str:
    """Say of one story where it stands."""
    title = f"**{escaped(clipped(telling.story.title or 'Your story', TITLE_SHOWN))}**"
    generation = telling.generation
    if generation.position == 0:
        return f"{title}: being written now."
    if generation.waiting_seconds is None:
        return f"{title}: number {generation.position} in the queue."
    return f"{title}: number {generation.position} in the queue, {in_words(generation.waiting_seconds)}."


def _state(status: EngineStatus) -> str:
    """Say how the engine is, and how long one more story would wait where that is known and worth saying."""
    now = f"The model is {_STATES[status.state]}: {status.running} being written, {status.waiting} waiting."
    if not status.waiting or status.waiting_seconds is None:
        return now
    return f"{now} Another story would wait {in_words(status.waiting_seconds)}."


def _written(stories: int, people: int) -> str:
    """Say how many stories there are, and by how many people."""
    return f"{stories:,} {'story' if stories == 1 else 'stories'} by {people:,} {'person' if people == 1 else 'people'}"

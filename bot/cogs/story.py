"""``/story``, and the buttons below a passage: Continue, Retry, Stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands
from discord.utils import MISSING

from bot.buttons import Press, story_view
from bot.cards import finished_cards
from bot.cogs.sampling_parameters import (
    PARAMETER_WORDS,
    MaxLength,
    RepetitionPenalty,
    Temperature,
    TopK,
    TopP,
)
from bot.config import Config
from bot.joining import lead_of
from bot.live_message import Edit, show
from bot.store import StoryStore
from bot.storyteller import PROMPT_LENGTH, TITLE_LENGTH, Storyteller
from bot.telling import SEEDS, Teller, Telling
from storygen.engine import Engine
from storygen.genre import Genre
from storygen.sampling import PRESETS, SamplingOverrides


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody typed after ``/story``, but for the sampling options."""

    genre: str
    prompt: str
    title: str
    preset: str | None
    seed: int | None
    private: bool


Begin = Callable[[discord.Interaction, Asked, SamplingOverrides], Coroutine[Any, Any, None]]


class StoryCog(commands.Cog):
    """Stories from beginning to end."""

    def __init__(self, storyteller: Storyteller, store: StoryStore, engine: Engine, config: Config) -> None:
        self._storyteller = storyteller
        self._store = store
        self._engine = engine
        self._config = config
        self._showing: set[asyncio.Task[Any]] = set()
        self._command = story_command(engine.genres, self._begin)
        self.answers: Mapping[Press, Callable[[discord.Interaction, int, int], Any]] = {
            Press.CONTINUE: self._continue,
            Press.RETRY: self._retry,
            Press.STOP: self._stop,
        }

    @property
    def commands(self) -> tuple[app_commands.Command[Any, ..., Any], ...]:
        """The commands that depend on the model's genres and so can't stand in the class."""
        return (self._command,)

    async def all_shown(self, timeout_seconds: float) -> None:
        """Wait until every message that is growing shows its end, at most so long."""
        if self._showing:
            await asyncio.wait(self._showing, timeout=timeout_seconds)

    async def _begin(self, interaction: discord.Interaction, asked: Asked, overrides: SamplingOverrides) -> None:
        await interaction.response.defer(ephemeral=asked.private, thinking=True)
        telling = await self._storyteller.begin(
            teller_of(interaction),
            genre=asked.genre,
            prompt=asked.prompt,
            title=asked.title,
            overrides=overrides,
            preset=asked.preset,
            seed=asked.seed,
            private=asked.private,
        )
        await self._show(telling, interaction.edit_original_response, note=greedy_note(overrides))

    async def _continue(self, interaction: discord.Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        telling = await self._storyteller.go_on(teller_of(interaction), passage_id)
        await self._show(telling, _new_message(interaction, private=telling.story.private))

    async def _retry(self, interaction: discord.Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        telling = await self._storyteller.retry(teller_of(interaction), passage_id)
        await self._show(telling, interaction.edit_original_response)

    async def _stop(self, interaction: discord.Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        if self._storyteller.stop(interaction.user.id, passage_id):
            return  # whoever shows the passage shows its end
        # Nothing runs any more, for example after a restart: bring the old message up to date.
        path = await self._store.path_to(passage_id)
        story = await self._storyteller.story_of(interaction.user.id, path[-1].story_id)
        cards = finished_cards(story, lead_of(path[:-1]), path[-1], self._engine.genres)
        await interaction.edit_original_response(content=None, embeds=cards, view=story_view(passage_id))

    async def _show(self, telling: Telling, edit: Edit, *, note: str | None = None) -> None:
        async def remember(channel_id: int, message_id: int) -> None:
            await self._store.set_message(telling.passage.id, channel_id, message_id)

        task = asyncio.current_task()
        if task is not None:
            self._showing.add(task)
            task.add_done_callback(self._showing.discard)
        await show(
            telling,
            edit,
            note=note,
            edit_seconds=self._config.edit_seconds,
            status=self._engine.status,
            genres=self._engine.genres,
            remember=remember,
        )


def teller_of(interaction: discord.Interaction) -> Teller:
    """Say who asks, and where."""
    return Teller(user_id=interaction.user.id, guild_id=interaction.guild_id, channel_id=interaction.channel_id or 0)


def greedy_note(overrides: SamplingOverrides) -> str | None:
    """Say so where somebody turned sampling off and yet chose how to sample."""
    idle = [name for name in ("temperature", "top_k", "top_p") if getattr(overrides, name) is not None]
    if overrides.do_sample is not False or not idle:
        return None
    names = ", ".join(f"`{name}`" for name in idle)
    return f"With `do_sample` off, {names} {'has' if len(idle) == 1 else 'have'} no effect."


def _new_message(interaction: discord.Interaction, *, private: bool) -> Edit:
    """Give an edit that first posts a message of its own and then changes that one."""
    posted: list[discord.WebhookMessage] = []

    async def edit(
        *, content: str | None, embeds: list[discord.Embed], view: discord.ui.View | None
    ) -> discord.Message:
        if posted:
            return await posted[0].edit(content=content, embeds=embeds, view=view)
        message = await interaction.followup.send(
            content or MISSING, embeds=embeds, view=view or MISSING, ephemeral=private, wait=True
        )
        posted.append(message)
        return message

    return edit


def story_command(genres: tuple[Genre, ...], begin: Begin) -> app_commands.Command[Any, ..., Any]:
    """Make ``/story`` for the genres of a model."""

    @app_commands.command(name="story", description="Write a story. Name a genre; a first sentence helps.")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.choices(
        genre=[app_commands.Choice(name=genre.label, value=genre.name) for genre in genres[:25]],
        preset=[app_commands.Choice(name=name, value=name) for name in PRESETS],
    )
    @app_commands.describe(
        genre="What kind of story",
        prompt="How it begins. Leave it empty and be surprised.",
        title="What it is called; else the first words",
        preset="Options that go well together",
        seed="The same seed, prompt and options give the same story",
        private="Only you see it",
        **PARAMETER_WORDS,
    )
    async def story(
        interaction: discord.Interaction,
        *,
        genre: str,
        prompt: app_commands.Range[str, 0, PROMPT_LENGTH] = "",
        title: app_commands.Range[str, 0, TITLE_LENGTH] = "",
        max_length: MaxLength | None = None,
        do_sample: bool | None = None,
        temperature: Temperature | None = None,
        top_k: TopK | None = None,
        top_p: TopP | None = None,
        repetition_penalty: RepetitionPenalty | None = None,
        preset: str | None = None,
        seed: app_commands.Range[int, 0, SEEDS - 1] | None = None,
        private: bool = False,
    ) -> None:
        overrides = SamplingOverrides(
            max_new_tokens=max_length,
            do_sample=do_sample,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            repetition_penalty=repetition_penalty,
        )
        asked = Asked(genre=genre, prompt=prompt, title=title, preset=preset, seed=seed, private=private)
        await begin(interaction, asked, overrides)

    return story

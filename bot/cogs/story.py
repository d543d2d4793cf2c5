"""``/story``: a genre, perhaps first words, a title, options, a preset, a seed; and the story comes.

Who types no first words and no title gets one of the bot's openings. It is stored and shown as if it had been typed,
for the model goes on from it in the same way, and a note says whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.discretion import is_refused
from bot.cogs.first_hint import hint_at_first
from bot.cogs.sampling_parameters import takes_sampling_options
from bot.cogs.story_suggestions import GENRE_CHOICES, StoryChoices, genre_named
from bot.look.showing import Showing, original_answer, teller_of
from bot.store import StoryStore
from bot.storytelling.openings import an_opening
from bot.storytelling.seeds import SEEDS
from bot.storytelling.storyteller import PROMPT_LENGTH, TITLE_LENGTH, Storyteller
from storygen.genre import Genre
from storygen.sampling import SamplingOptions, SamplingOverrides

OPENING_NOTE = "You left the first words to me; this opening is one of mine."


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
    """Stories from their beginning."""

    def __init__(self, storyteller: Storyteller, store: StoryStore, showing: Showing) -> None:
        self._storyteller = storyteller
        self._store = store
        self._showing = showing
        self._command = story_command(storyteller.genres, self._begin, StoryChoices(storyteller.genres, store))

    @property
    def commands(self) -> tuple[app_commands.Command[Any, ..., Any], ...]:
        """The commands that depend on the model's genres and so can't stand in the class."""
        return (self._command,)

    async def _begin(self, interaction: discord.Interaction, asked: Asked, overrides: SamplingOverrides) -> None:
        refused = await is_refused(self._storyteller.gate.admit_telling(teller_of(interaction)))
        await interaction.response.defer(ephemeral=asked.private or refused, thinking=True)
        asked = replace(asked, genre=genre_named(asked.genre, self._storyteller.genres))
        notes = [note] if (note := greedy_note(overrides)) else []
        if not asked.prompt.strip() and not asked.title.strip():
            asked = replace(asked, prompt=an_opening(asked.genre))
            notes.append(OPENING_NOTE)
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
        if note := shortened_note(overrides, telling.generation.request.options):
            notes.append(note)
        await self._showing.grow(telling, original_answer(interaction), note="\n".join(notes) or None)
        if telling.story.head_id == telling.passage.id:  # it was told; a failed story needs no praise
            await hint_at_first(interaction, self._store)


def greedy_note(overrides: SamplingOverrides) -> str | None:
    """Say so where somebody turned sampling off and yet chose how to sample."""
    idle = [name for name in ("temperature", "top_k", "top_p") if getattr(overrides, name) is not None]
    if overrides.do_sample is not False or not idle:
        return None
    names = ", ".join(f"`{name}`" for name in idle)
    return f"With `do_sample` off, {names} {'has' if len(idle) == 1 else 'have'} no effect."


def shortened_note(overrides: SamplingOverrides, options: SamplingOptions) -> str | None:
    """Say so where somebody asked for a longer story than the server allows."""
    if (overrides.max_new_tokens or 0) <= options.max_new_tokens:
        return None
    return f"In this server, stories have up to {options.max_new_tokens} tokens."


def story_command(
    genres: tuple[Genre, ...], begin: Begin, choices: StoryChoices
) -> app_commands.Command[Any, ..., Any]:
    """Make ``/story`` for the genres of a model."""

    @app_commands.command(name="story", description="Write a story. Name a genre; a first sentence helps.")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        genre="What kind of story",
        prompt="How it begins. Leave it empty and be surprised.",
        title="What it is called; else the first words",
        preset="Options that go well together",
        seed="The same seed, prompt and options give the same story",
        private="Only you see it",
    )
    @takes_sampling_options()
    async def story(
        interaction: discord.Interaction,
        *,
        genre: str,
        prompt: app_commands.Range[str, 0, PROMPT_LENGTH] = "",
        title: app_commands.Range[str, 0, TITLE_LENGTH] = "",
        overrides: SamplingOverrides,
        preset: str | None = None,
        seed: app_commands.Range[int, 0, SEEDS - 1] | None = None,
        private: bool = False,
    ) -> None:
        asked = Asked(genre=genre, prompt=prompt, title=title, preset=preset, seed=seed, private=private)
        await begin(interaction, asked, overrides)

    story.autocomplete("preset")(choices.presets)
    if len(genres) <= GENRE_CHOICES:
        labels = [app_commands.Choice(name=app_commands.locale_str(genre.label), value=genre.name) for genre in genres]
        return app_commands.choices(genre=labels)(story)
    story.autocomplete("genre")(choices.genres)
    return story

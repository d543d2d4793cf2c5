"""``/settings show|set|reset``: a person's saved sampling options."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.sampling_parameters import (
    PARAMETER_WORDS,
    MaxLength,
    RepetitionPenalty,
    Temperature,
    TopK,
    TopP,
)
from bot.replies import OPTION_LABELS
from bot.store import StoryStore
from bot.storyteller import Storyteller
from storygen.sampling import OPTION_NAMES, SamplingOverrides, check


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class SettingsCog(commands.GroupCog, group_name="settings", group_description="How your stories are written"):
    """Values that hold for all stories of a person, unless a command says otherwise."""

    def __init__(self, storyteller: Storyteller, store: StoryStore) -> None:
        self._storyteller = storyteller
        self._store = store

    @app_commands.command(name="show", description="Your values, and where each comes from")
    async def show(self, interaction: discord.Interaction) -> None:
        """Show every option with its value and its origin."""
        await interaction.response.defer(ephemeral=True)
        await self._show(interaction)

    @app_commands.command(name="set", description="Save values for all your stories")
    @app_commands.describe(**PARAMETER_WORDS)
    async def set_values(
        self,
        interaction: discord.Interaction,
        *,
        max_length: MaxLength | None = None,
        do_sample: bool | None = None,
        temperature: Temperature | None = None,
        top_k: TopK | None = None,
        top_p: TopP | None = None,
        repetition_penalty: RepetitionPenalty | None = None,
    ) -> None:
        """Save what was given over what was saved before."""
        await interaction.response.defer(ephemeral=True)
        overrides = SamplingOverrides(
            max_new_tokens=max_length,
            do_sample=do_sample,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            repetition_penalty=repetition_penalty,
        )
        check(overrides)
        if not overrides.given():
            await interaction.edit_original_response(content="Name at least one option, for example `temperature:0.8`.")
            return
        await self._store.save_overrides(interaction.user.id, overrides)
        await self._show(interaction)

    @app_commands.command(name="reset", description="Forget one saved value, or all")
    @app_commands.describe(option="Which one; leave it out for all")
    @app_commands.choices(
        option=[app_commands.Choice(name=OPTION_LABELS.get(name, name), value=name) for name in OPTION_NAMES]
    )
    async def reset(self, interaction: discord.Interaction, option: str | None = None) -> None:
        """Go back to the values that come with the bot."""
        await interaction.response.defer(ephemeral=True)
        names = None if option is None else [name for name in OPTION_NAMES if name == option]
        await self._store.reset_overrides(interaction.user.id, names)
        await self._show(interaction)

    async def _show(self, interaction: discord.Interaction) -> None:
        origins = await self._storyteller.origin_of_options(interaction.user.id)
        lines = [f"`{OPTION_LABELS.get(one.name, one.name)}` **{_typed(one.value)}** · {one.origin}" for one in origins]
        embed = discord.Embed(title="How your stories are written", description="\n".join(lines))
        embed.set_footer(text="/settings set changes them · what a /story says itself goes first")
        await interaction.edit_original_response(embed=embed)


def _typed(value: float | bool) -> str:
    """Give a value as people type it."""
    return str(value).lower()

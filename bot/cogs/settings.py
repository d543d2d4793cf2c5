"""``/settings show|set|reset`` and ``/settings preset save|use|delete``: a person's own sampling options."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.preset_suggestions import suggested_presets
from bot.cogs.sampling_parameters import takes_sampling_options
from bot.look.showing import teller_of
from bot.sentences.model import OPTION_LABELS
from bot.store import StoryStore
from bot.storytelling.sampling_choice import (
    PRESET_NAME_LENGTH,
    OptionOrigin,
    Origin,
    as_preset,
    find_preset,
    own_preset_name,
    with_built_in,
)
from bot.storytelling.storyteller import Storyteller
from bot.text import escaped
from storygen.sampling import OPTION_NAMES, SamplingOverrides, check

PresetName = app_commands.Range[str, 1, PRESET_NAME_LENGTH]


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class SettingsCog(commands.GroupCog, group_name="settings", group_description="How your stories are written"):
    """Values that hold for all stories of a person, unless a command says otherwise."""

    preset = app_commands.Group(name="preset", description="Your own presets: options under a name")

    def __init__(self, storyteller: Storyteller, store: StoryStore) -> None:
        self._storyteller = storyteller
        self._store = store

    @app_commands.command(name="show", description="Your values, and where each comes from")
    @app_commands.describe(preset="How it would be with this preset")
    async def show(self, interaction: discord.Interaction, preset: str | None = None) -> None:
        """Show every option with its value and its origin."""
        await interaction.response.defer(ephemeral=True)
        await self._show(interaction, preset=preset)

    @app_commands.command(name="set", description="Save values for all your stories")
    @takes_sampling_options()
    async def set_values(self, interaction: discord.Interaction, *, overrides: SamplingOverrides) -> None:
        """Save what was given over what was saved before."""
        await interaction.response.defer(ephemeral=True)
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

    @preset.command(name="save", description="Save options under a name; without options, your present values")
    @app_commands.describe(name="What you call it; a preset of yours with this name is replaced")
    @takes_sampling_options()
    async def save_preset(
        self, interaction: discord.Interaction, *, name: PresetName, overrides: SamplingOverrides
    ) -> None:
        """Save the options that were typed, or else all that hold for the person now."""
        await interaction.response.defer(ephemeral=True)
        user_id = interaction.user.id
        own_name = own_preset_name(name)
        await self._storyteller.moderator.admit(interaction.guild_id, own_name)
        check(overrides)
        if not overrides.given():
            overrides = as_preset(await self._storyteller.options_for(teller_of(interaction)))
        await self._store.people.save_preset(user_id, own_name, overrides)
        await self._show(interaction, f"Saved as **{escaped(own_name)}**: {_options(overrides)}.", preset=own_name)

    @preset.command(name="use", description="Make a preset's values yours for all stories")
    @app_commands.describe(name="One of yours or one of the bot's")
    async def use_preset(self, interaction: discord.Interaction, name: str) -> None:
        """Save a preset's values as the person's own; what it does not say stays."""
        await interaction.response.defer(ephemeral=True)
        user_id = interaction.user.id
        written, preset = find_preset(name, with_built_in(await self._store.people.presets_of(user_id)))
        await self._store.save_overrides(user_id, preset)
        await self._show(interaction, f"Your stories are written with **{escaped(written)}** from now on.")

    @preset.command(name="delete", description="Delete one of your presets")
    @app_commands.describe(name="One of yours")
    async def delete_preset(self, interaction: discord.Interaction, name: str) -> None:
        """Delete a preset; saved values that came from it stay."""
        await interaction.response.defer(ephemeral=True)
        user_id = interaction.user.id
        own = await self._store.people.presets_of(user_id)
        written, _ = find_preset(own_preset_name(name), own)  # a built-in one is refused
        await self._store.people.delete_preset(user_id, written)
        await self._show(interaction, f"**{escaped(written)}** is deleted. The values that you use stay as they are.")

    @show.autocomplete("preset")
    @use_preset.autocomplete("name")
    async def _suggest(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return suggested_presets(await self._store.people.presets_of(interaction.user.id), typed)

    @save_preset.autocomplete("name")
    @delete_preset.autocomplete("name")
    async def _suggest_own(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        own = await self._store.people.presets_of(interaction.user.id)
        return suggested_presets(own, typed, built_in=False)

    async def _show(
        self, interaction: discord.Interaction, sentence: str | None = None, *, preset: str | None = None
    ) -> None:
        """Show all values; with ``preset`` as they would be with it."""
        user_id = interaction.user.id
        origins = await self._storyteller.origin_of_options(teller_of(interaction), preset)
        title = "How your stories are written" if preset is None else "How stories are written with this preset"
        lines = [_line(one) for one in origins]
        if names := await self._store.people.presets_of(user_id):
            lines.append(f"\nYour presets: {', '.join(map(escaped, names))}")
        embed = discord.Embed(title=title, description="\n".join(lines))
        embed.set_footer(text="/settings set changes them · what a /story says itself goes first")
        await interaction.edit_original_response(content=sentence, embed=embed)


def _line(one: OptionOrigin) -> str:
    origin = f"preset {escaped(one.preset)}" if one.origin is Origin.PRESET else one.origin
    return f"`{OPTION_LABELS.get(one.name, one.name)}` **{_typed(one.value)}** · {origin}"


def _options(overrides: SamplingOverrides) -> str:
    """Give options as people type them."""
    return " ".join(f"`{OPTION_LABELS.get(name, name)}:{_typed(value)}`" for name, value in overrides.given().items())


def _typed(value: float | bool) -> str:
    """Give a value as people type it."""
    return str(value).lower()

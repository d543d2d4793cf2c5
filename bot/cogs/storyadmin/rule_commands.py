"""``/storyadmin setup|channels|role|limits|defaults``: the rules of a server, all together or one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.cogs.sampling_parameters import takes_sampling_options
from bot.cogs.storyadmin.panel import RulesPanel, chosen_list
from bot.cogs.storyadmin.panel_controls import CHANNEL_TYPES, MODE_WORDS, Section
from bot.errors import NotOfThisServer, UnknownChoice
from bot.store.server_rows import ChannelMode, Limits, RulesPart, ServerRules
from bot.storytelling.server_rules import LARGEST, checked_limits, with_limits, without_role_limits
from storygen.sampling import OPTION_NAMES, PRESETS, SamplingOptions, SamplingOverrides, check, merge


class PlaceTransformer(app_commands.Transformer):
    """A channel in which messages can be; discord.py's own types name a kind that Discord does not document."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Say that it is an option of channels."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Give the kinds that Discord offers."""
        return CHANNEL_TYPES

    async def transform(self, interaction: discord.Interaction, value: Any, /) -> int:  # noqa: ANN401 - as its parent
        """Give the channel's id. Raises NotOfThisServer for a channel of another kind or server."""
        guild = interaction.guild
        if guild is None or guild.get_channel(value.id) is None or value.type not in CHANNEL_TYPES:
            raise NotOfThisServer
        return int(value.id)


Place = app_commands.Transform[int, PlaceTransformer]

TELL, ADMINISTER, NOTHING = "tell", "administer", "nothing"

_RIGHTS = {TELL: "Tell stories here", ADMINISTER: "Use /storyadmin", NOTHING: "Neither: take it off both lists"}

Cooldown = app_commands.Range[int, 0, LARGEST["cooldown"]]
AnHour = app_commands.Range[int, 0, LARGEST["an_hour"]]
AtOnce = app_commands.Range[int, 0, LARGEST["at_once"]]
Longest = app_commands.Range[int, 0, LARGEST["longest"]]


def add_rule_commands(group: app_commands.Group, panel: RulesPanel) -> None:
    """Hang the commands about rules on ``/storyadmin``."""
    commands = (_setup(panel), _channels(panel), _role(panel), _limits(panel), _defaults(panel))
    for command in commands:
        group.add_command(command)


def _setup(panel: RulesPanel) -> app_commands.Command[Any, ..., Any]:
    @app_commands.command(name="setup", description="See all that holds in this server, and change it")
    async def setup(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await panel.show(interaction, Section.OVERVIEW)

    return setup


def _channels(panel: RulesPanel) -> app_commands.Command[Any, ..., Any]:
    @app_commands.command(name="channels", description="In which channels stories are told")
    @app_commands.describe(
        where="What the list of channels means", add="Put this channel on the list", remove="Take it off the list"
    )
    @app_commands.choices(
        where=[app_commands.Choice(name=words, value=mode.value) for mode, words in MODE_WORDS.items()]
    )
    async def channels(
        interaction: discord.Interaction, where: str, add: Place | None = None, remove: Place | None = None
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        if where not in set(ChannelMode):
            raise UnknownChoice
        mode = ChannelMode(where)
        added, removed = ([each] if each else [] for each in (add, remove))

        def change(rules: ServerRules) -> ServerRules:
            listed = chosen_list(rules.channels, removed, added)
            return replace(rules, channel_mode=mode, channels=listed)

        await panel.change(interaction, RulesPart.CHANNELS, change)
        await panel.show(interaction, Section.CHANNELS)

    return channels


def _role(panel: RulesPanel) -> app_commands.Command[Any, ..., Any]:
    @app_commands.command(name="role", description="What people with a role may do here")
    @app_commands.describe(role="Which role", may="What they may")
    @app_commands.choices(may=[app_commands.Choice(name=words, value=right) for right, words in _RIGHTS.items()])
    async def role_(interaction: discord.Interaction, role: discord.Role, may: str) -> None:
        await interaction.response.defer(ephemeral=True)
        if may not in _RIGHTS:
            raise UnknownChoice

        def change(rules: ServerRules) -> ServerRules:
            gone = [role.id] if may == NOTHING else []
            return replace(
                rules,
                teller_roles=chosen_list(rules.teller_roles, gone, [role.id] if may == TELL else []),
                admin_roles=chosen_list(rules.admin_roles, gone, [role.id] if may == ADMINISTER else []),
            )

        await panel.change(interaction, RulesPart.ROLES, change)
        await panel.show(interaction, Section.ROLES)

    return role_


def _limits(panel: RulesPanel) -> app_commands.Command[Any, ..., Any]:
    @app_commands.command(name="limits", description="How much one person may have told here; 0 takes a limit away")
    @app_commands.describe(
        cooldown="Seconds between two passages",
        an_hour="Passages within an hour",
        at_once="Passages waiting or being written at the same time",
        longest="Tokens of a passage at most, 30 to 800",
        role="Only for people with this role; the most generous limit counts",
        reset="First forget what was said before",
    )
    async def limits(
        interaction: discord.Interaction,
        *,
        cooldown: Cooldown | None = None,
        an_hour: AnHour | None = None,
        at_once: AtOnce | None = None,
        longest: Longest | None = None,
        role: discord.Role | None = None,
        reset: bool = False,
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        said = checked_limits(Limits(cooldown=cooldown, an_hour=an_hour, at_once=at_once, longest=longest))
        role_id = None if role is None else role.id

        def change(rules: ServerRules) -> ServerRules:
            if reset:
                rules = replace(rules, limits=Limits()) if role_id is None else without_role_limits(rules, role_id)
            return with_limits(rules, said, role_id)

        await panel.change(interaction, RulesPart.LIMITS, change)
        await panel.show(interaction, Section.LIMITS)

    return limits


def _defaults(panel: RulesPanel) -> app_commands.Command[Any, ..., Any]:
    @app_commands.command(name="defaults", description="Options for whoever has saved none of their own")
    @app_commands.describe(
        preset="A preset's options, over which the others are laid",
        reset="First forget what was said before",
    )
    @app_commands.choices(preset=[app_commands.Choice(name=name, value=name) for name in PRESETS])
    @takes_sampling_options()
    async def defaults(
        interaction: discord.Interaction,
        *,
        overrides: SamplingOverrides,
        preset: str | None = None,
        reset: bool = False,
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        check(overrides)
        if preset is not None and preset not in PRESETS:
            raise UnknownChoice
        chosen = PRESETS.get(preset or "", SamplingOverrides())

        def change(rules: ServerRules) -> ServerRules:
            before = SamplingOverrides() if reset else rules.overrides
            return replace(rules, overrides=_laid_over(before, chosen, overrides))

        await panel.change(interaction, RulesPart.DEFAULTS, change)
        await panel.show(interaction, Section.DEFAULTS)

    return defaults


def _laid_over(*layers: SamplingOverrides) -> SamplingOverrides:
    """Give what these say together; a later one wins."""
    said = {name for layer in layers for name in layer.given()}
    options = merge(SamplingOptions(), *layers)
    return SamplingOverrides(**{name: getattr(options, name) for name in OPTION_NAMES if name in said})

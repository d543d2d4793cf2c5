"""The selects below a server's rules. Each carries only what it changes; which server's it is says the press."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

import discord

from bot.store.server_rows import Block, ChannelMode, Limits, RulesPart, ServerRules
from storygen.sampling import PRESETS

PREFIX = "rules:"
LISTED = 25
"""As many channels, roles or people as one select takes."""
BUILT_IN = "built-in"

CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
]
"""Where messages can be; threads count as the channel that they are in."""

Select = discord.ui.Select[discord.ui.View]
Control = discord.ui.Item[discord.ui.View]


class Section(StrEnum):
    """What the panel can show: everything, a part of the rules, or a list."""

    OVERVIEW = "overview"
    CHANNELS = "channels"
    ROLES = "roles"
    LIMITS = "limits"
    DEFAULTS = "defaults"
    BLOCKED = "blocked"
    LOG = "log"


SECTION_WORDS = MappingProxyType(
    {
        Section.OVERVIEW: ("Everything", "All that holds in this server"),
        Section.CHANNELS: ("Channels", "Where stories are told"),
        Section.ROLES: ("Roles", "Who tells stories, and who changes this"),
        Section.LIMITS: ("Limits", "How many, how often, how long"),
        Section.DEFAULTS: ("Defaults", "Options for whoever has saved none"),
        Section.BLOCKED: ("Blocked", "Who tells no stories here"),
        Section.LOG: ("Log", "Who changed what"),
    }
)

MODE_WORDS = MappingProxyType(
    {
        ChannelMode.EVERYWHERE: "Everywhere",
        ChannelMode.ONLY: "Only in the channels on the list",
        ChannelMode.EXCEPT: "Everywhere but in the channels on the list",
    }
)

OFFERED: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {
        "cooldown": {0: "No wait between two passages", 15: "15 seconds", 30: "30 seconds", 60: "1 minute"}
        | {120: "2 minutes", 300: "5 minutes", 900: "15 minutes", 1800: "30 minutes", 3600: "1 hour"},
        "an_hour": {0: "Any number of passages an hour"} | {n: f"{n} an hour" for n in (1, 5, 10, 20, 30, 60, 120)},
        "at_once": {0: "As many at the same time as I take"} | {n: f"{n} at the same time" for n in (1, 2, 3, 4, 5)},
        "longest": {0: "Passages of any length"} | {n: f"Up to {n} tokens" for n in (60, 120, 200, 320, 480, 640)},
    }
)
"""The limits to choose from; the present one is always among them."""

_PART_OF_SECTION = MappingProxyType({Section(part.value): part for part in RulesPart})


def part_of(section: Section) -> RulesPart | None:
    """Give the part of the rules that a section shows; None where it is another thing."""
    return _PART_OF_SECTION.get(section)


def controls_of(section: Section, rules: ServerRules, blocks: Sequence[Block]) -> list[Control]:
    """Give the controls of a section, each a row of its own; the first leads to the other sections."""
    return [_section_select(section), *_CONTROLS[section](rules, blocks)]


def _section_select(shown: Section) -> Control:
    options = [
        discord.SelectOption(label=label, description=about, value=section.value, default=section is shown)
        for section, (label, about) in SECTION_WORDS.items()
    ]
    return Select(custom_id=f"{PREFIX}section", placeholder="What to look at", options=options)


def _channels(rules: ServerRules, _blocks: Sequence[Block]) -> list[Control]:
    options = [
        discord.SelectOption(label=words, value=mode.value, default=mode is rules.channel_mode)
        for mode, words in MODE_WORDS.items()
    ]
    listed: discord.ui.ChannelSelect[discord.ui.View] = discord.ui.ChannelSelect(
        custom_id=f"{PREFIX}channels",
        placeholder="The channels on the list",
        channel_types=CHANNEL_TYPES,
        min_values=0,
        max_values=LISTED,
        default_values=_chosen(rules.channels, discord.SelectDefaultValueType.channel),
    )
    return [Select(custom_id=f"{PREFIX}mode", placeholder="Where stories are told", options=options), listed]


def _roles(rules: ServerRules, _blocks: Sequence[Block]) -> list[Control]:
    return [
        _role_select("teller_roles", "Who tells stories; nobody chosen: everybody", rules.teller_roles),
        _role_select("admin_roles", "Who else uses /storyadmin", rules.admin_roles),
    ]


def _role_select(what: str, words: str, chosen: Iterable[int]) -> Control:
    select: discord.ui.RoleSelect[discord.ui.View] = discord.ui.RoleSelect(
        custom_id=f"{PREFIX}{what}",
        placeholder=words,
        min_values=0,
        max_values=LISTED,
        default_values=_chosen(chosen, discord.SelectDefaultValueType.role),
    )
    return select


def _limits(rules: ServerRules, _blocks: Sequence[Block]) -> list[Control]:
    return [_limit_select(name, rules.limits) for name in OFFERED]


def _limit_select(name: str, limits: Limits) -> Control:
    now = getattr(limits, name) or 0
    offered = {**OFFERED[name], now: OFFERED[name].get(now, f"{now:,}")}
    options = [
        discord.SelectOption(label=offered[value], value=str(value), default=value == now) for value in sorted(offered)
    ]
    return Select(custom_id=f"{PREFIX}{name}", placeholder=name, options=options)


def _defaults(rules: ServerRules, _blocks: Sequence[Block]) -> list[Control]:
    given = rules.overrides.given()
    known = {BUILT_IN: {}, **{name: preset.given() for name, preset in PRESETS.items()}}
    options = [
        discord.SelectOption(
            label="Built-in options" if name == BUILT_IN else f"Preset {name}", value=name, default=values == given
        )
        for name, values in known.items()
    ]
    return [Select(custom_id=f"{PREFIX}preset", placeholder="Options of your own; choose others", options=options)]


def _blocked(_rules: ServerRules, blocks: Sequence[Block]) -> list[Control]:
    select: discord.ui.UserSelect[discord.ui.View] = discord.ui.UserSelect(
        custom_id=f"{PREFIX}blocked",
        placeholder="Who is blocked",
        min_values=0,
        max_values=LISTED,
        default_values=_chosen([block.user_id for block in blocks], discord.SelectDefaultValueType.user),
    )
    return [select]


def _chosen(ids: Iterable[int], kind: discord.SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=number, type=kind) for number in list(ids)[:LISTED]]


def _none(_rules: ServerRules, _blocks: Sequence[Block]) -> list[Control]:
    return []


_CONTROLS: Mapping[Section, Callable[[ServerRules, Sequence[Block]], list[Control]]] = MappingProxyType(
    {
        Section.OVERVIEW: _none,
        Section.CHANNELS: _channels,
        Section.ROLES: _roles,
        Section.LIMITS: _limits,
        Section.DEFAULTS: _defaults,
        Section.BLOCKED: _blocked,
        Section.LOG: _none,
    }
)

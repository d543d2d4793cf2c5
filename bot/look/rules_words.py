"""A server's rules in words, for those who run it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from bot.sentences.model import OPTION_LABELS
from bot.store.server_rows import ChannelMode, Limits, RulesPart, ServerRules

NAMED = 10
"""So many channels or roles are named, and the others counted: a card has room for all its parts."""


def part_words(part: RulesPart, rules: ServerRules) -> str:
    """Say one part of the rules, in one line or several."""
    return _WORDS[part](rules)


def limit_words(limits: Limits) -> str:
    """Say limits in one line; a limit of 0 only where it is said of a role."""
    return " · ".join(_LIMITS[name](value) for name, value in limits.given().items()) or "no limits"


def channel_mention(channel_id: int) -> str:
    """Give what Discord shows as a channel's name."""
    return f"<#{channel_id}>"


def role_mention(role_id: int) -> str:
    """Give what Discord shows as a role's name."""
    return f"<@&{role_id}>"


def _channels(rules: ServerRules) -> str:
    named = _listed(map(channel_mention, rules.channels))
    if rules.channel_mode is ChannelMode.EVERYWHERE:
        return "Stories are told in all channels."
    if rules.channel_mode is ChannelMode.ONLY:
        return f"Stories are told only in {named or 'the channels on a list, which is still empty: nowhere'}."
    return f"Stories are told in all channels but {named}." if named else "Stories are told in all channels."


def _roles(rules: ServerRules) -> str:
    tellers = _listed(map(role_mention, rules.teller_roles))
    admins = _listed(map(role_mention, rules.admin_roles))
    who = f"People with {tellers} tell stories" if tellers else "Everybody tells stories"
    return f"{who}. `/storyadmin` is for those with Manage Server{f', and for {admins}' if admins else ''}."


def _limits(rules: ServerRules) -> str:
    given = {name: value for name, value in rules.limits.given().items() if value}
    lines = [f"For each person: {limit_words(Limits(**given))}."]
    lines += [f"With {role_mention(role_id)}: {limit_words(each)}." for role_id, each in rules.role_limits.items()]
    return "\n".join(_some(lines))


def _defaults(rules: ServerRules) -> str:
    given = rules.overrides.given()
    options = " ".join(f"`{OPTION_LABELS.get(name, name)}:{str(value).lower()}`" for name, value in given.items())
    return f"Unless people say otherwise: {options}" if options else "The built-in options."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(_some(list(names)))


def _some(names: Sequence[str]) -> Sequence[str]:
    return names if len(names) <= NAMED else [*names[: NAMED - 1], f"{len(names) - NAMED + 1} others"]


_WORDS: Mapping[RulesPart, Callable[[ServerRules], str]] = MappingProxyType(
    {
        RulesPart.CHANNELS: _channels,
        RulesPart.ROLES: _roles,
        RulesPart.LIMITS: _limits,
        RulesPart.DEFAULTS: _defaults,
    }
)

_LIMITS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "cooldown": lambda value: f"{value} s between two passages" if value else "no wait between passages",
        "an_hour": lambda value: f"{value} passages an hour" if value else "any number of passages an hour",
        "at_once": lambda value: f"{value} at the same time" if value else "as many at the same time as I can take",
        "longest": lambda value: f"up to {value} tokens each" if value else "any length",
    }
)

"""What a server's rules mean: who may tell stories where, how much of them, and who may change the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from bot.errors import BlockedHere, ChannelClosed, RoleNeeded
from bot.store.rows import Quota
from bot.store.server_rows import HOUR_SECONDS, ChannelMode, Limits, ServerRules, Standing
from bot.storytelling.telling import Teller
from storygen.errors import InvalidOption
from storygen.sampling import LIMITS as SAMPLING_LIMITS
from storygen.sampling import SamplingOptions

_LENGTH = SAMPLING_LIMITS["max_new_tokens"]

LARGEST = MappingProxyType({"cooldown": HOUR_SECONDS, "an_hour": 1000, "at_once": 100, "longest": int(_LENGTH.maximum)})
"""How far each limit goes. What counts against the first two is kept for an hour, so they reach no further."""


def check_rules(standing: Standing, teller: Teller) -> None:
    """Raise BlockedHere, ChannelClosed or RoleNeeded where somebody may tell no stories where they are.

    Who may manage the server needs no role; channels and blocks hold for everybody.
    """
    if standing.blocked:
        raise BlockedHere
    rules = standing.rules
    listed = bool({teller.channel_id, teller.parent_id} & set(rules.channels))
    if rules.channel_mode is ChannelMode.ONLY and not listed:
        raise ChannelClosed(rules.channels)
    if rules.channel_mode is ChannelMode.EXCEPT and listed:
        raise ChannelClosed(())
    if rules.teller_roles and not teller.role_ids & set(rules.teller_roles) and not may_administer(rules, teller):
        raise RoleNeeded(rules.teller_roles)


def may_administer(rules: ServerRules, teller: Teller) -> bool:
    """Say whether somebody may change what holds in the server where they are."""
    return teller.manages or bool(teller.role_ids & set(rules.admin_roles))


def limits_for(rules: ServerRules, role_ids: Iterable[int]) -> Limits:
    """Give the limits of somebody with these roles: of what is said for everybody and for them, the most generous.

    Every limit is said in the answer; 0 is none.
    """
    theirs = [rules.role_limits[role_id] for role_id in role_ids if role_id in rules.role_limits]
    return Limits(
        cooldown=min(_said("cooldown", rules.limits, theirs)),
        an_hour=_highest(_said("an_hour", rules.limits, theirs)),
        at_once=_highest(_said("at_once", rules.limits, theirs)),
        longest=_highest(_said("longest", rules.limits, theirs)),
    )


def quota_of(guild_id: int, limits: Limits) -> Quota | None:
    """Give what passages count against; None where nothing is limited."""
    quota = Quota(guild_id=guild_id, cooldown=limits.cooldown or 0, an_hour=limits.an_hour or 0)
    return quota if quota.cooldown or quota.an_hour else None


def shortened(options: SamplingOptions, limits: Limits) -> SamplingOptions:
    """Give options that ask for no more than the server allows."""
    longest = limits.longest or options.max_new_tokens
    return replace(options, max_new_tokens=min(options.max_new_tokens, longest))


def checked_limits(limits: Limits) -> Limits:
    """Give limits that a person has named. Raises InvalidOption for one that is out of range."""
    for name, value in limits.given().items():
        if not 0 <= value <= LARGEST[name]:
            raise InvalidOption(name, value, 0, LARGEST[name])
    if limits.longest and limits.longest < _LENGTH.minimum:
        raise InvalidOption("longest", limits.longest, _LENGTH.minimum, _LENGTH.maximum)
    return limits


def with_limits(rules: ServerRules, limits: Limits, role_id: int | None) -> ServerRules:
    """Give rules with these limits over those that are there, for everybody or for a role; the others stay.

    A role that then says nothing but what everybody has needs no entry.
    """
    if role_id is None:
        return replace(rules, limits=_laid_over(rules.limits, limits))
    theirs = {**rules.role_limits, role_id: _laid_over(rules.role_limits.get(role_id, Limits()), limits)}
    return replace(rules, role_limits=MappingProxyType({role: each for role, each in theirs.items() if each.given()}))


def without_role_limits(rules: ServerRules, role_id: int) -> ServerRules:
    """Give rules in which a role has what everybody has."""
    theirs = {role: limits for role, limits in rules.role_limits.items() if role != role_id}
    return replace(rules, role_limits=MappingProxyType(theirs))


def _laid_over(below: Limits, above: Limits) -> Limits:
    return replace(below, **above.given())


def _said(name: str, everybody: Limits, theirs: Iterable[Limits]) -> list[int]:
    said = [getattr(each, name) for each in theirs]
    return [getattr(everybody, name) or 0, *(value for value in said if value is not None)]


def _highest(values: Iterable[int]) -> int:
    """Give the most generous of limits that 0 takes away."""
    found = list(values)
    return 0 if 0 in found else max(found)

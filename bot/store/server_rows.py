"""What those who run a server have decided, as frozen plain data, and how it is read from the tables."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bot.store.rows import overrides_json, read_overrides
from storygen.sampling import SamplingOverrides

HOUR_SECONDS = 3600
"""What counts against a limit counts for so long."""


class ChannelMode(StrEnum):
    """What a server's list of channels means."""

    EVERYWHERE = "everywhere"
    """Nothing: stories are told in all channels."""
    ONLY = "only"
    EXCEPT = "except"


class RulesPart(StrEnum):
    """A part of the rules; its value stands in the log of changes."""

    CHANNELS = "channels"
    ROLES = "roles"
    LIMITS = "limits"
    DEFAULTS = "defaults"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one person may have told. None says nothing, 0 says that there is no limit."""

    cooldown: int | None = None
    """Seconds between the requests for two passages."""
    an_hour: int | None = None
    """Passages within an hour."""
    at_once: int | None = None
    """Passages in the queue and being written at the same time; never more than the operator allows."""
    longest: int | None = None
    """Greatest ``max_new_tokens``."""

    def given(self) -> dict[str, int]:
        """Give the limits that are said, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


NO_LIMITS = Limits()
LIMIT_NAMES = tuple(each.name for each in fields(Limits))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRules:
    """All that holds in one server, but for the people who are blocked there. Channels and roles are ids."""

    channel_mode: ChannelMode = ChannelMode.EVERYWHERE
    channels: tuple[int, ...] = ()
    teller_roles: tuple[int, ...] = ()
    """Who may tell stories; empty for everybody."""
    admin_roles: tuple[int, ...] = ()
    """Who may change the rules besides those who may manage the server."""
    limits: Limits = NO_LIMITS
    role_limits: Mapping[int, Limits] = field(default_factory=lambda: MappingProxyType({}))
    """Limits of roles that may have more than everybody."""
    overrides: SamplingOverrides = field(default_factory=SamplingOverrides)
    """Sampling options for whoever has saved none."""


NO_RULES = ServerRules()

COLUMNS: Mapping[RulesPart, tuple[str, ...]] = MappingProxyType(
    {
        RulesPart.CHANNELS: ("channel_mode", "channels"),
        RulesPart.ROLES: ("teller_roles", "admin_roles"),
        RulesPart.LIMITS: ("limits", "role_limits"),
        RulesPart.DEFAULTS: ("overrides",),
    }
)
"""The columns of each part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a server's rules are, and whether somebody is blocked there."""

    rules: ServerRules
    blocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Somebody who may not tell stories in a server."""

    guild_id: int
    user_id: int
    reason: str
    """Empty where none was given, or the person deleted what was stored about them."""
    blocked_by: int
    """0 where that person is forgotten."""
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerChange:
    """Something that was changed in how a server has it."""

    id: int
    guild_id: int
    user_id: int
    """Who did it; 0 where that person is forgotten."""
    what: str
    details: Mapping[str, Any]
    created_at: int


def columns_of(rules: ServerRules) -> dict[str, str]:
    """Give rules as they are stored: text, and JSON but for the mode."""
    return {
        "channel_mode": rules.channel_mode.value,
        "channels": json.dumps(rules.channels),
        "teller_roles": json.dumps(rules.teller_roles),
        "admin_roles": json.dumps(rules.admin_roles),
        "limits": json.dumps(rules.limits.given()),
        "role_limits": json.dumps({str(role_id): limits.given() for role_id, limits in rules.role_limits.items()}),
        "overrides": overrides_json(rules.overrides),
    }


_SAYING_NOTHING = MappingProxyType(columns_of(NO_RULES))


def read_rules(columns: Mapping[str, Any]) -> ServerRules:
    """Read rules from their columns; those that are missing say nothing."""
    known = {**_SAYING_NOTHING, **{name: text for name, text in columns.items() if text is not None}}
    role_limits = {int(role_id): _limits(given) for role_id, given in json.loads(known["role_limits"]).items()}
    return ServerRules(
        channel_mode=ChannelMode(known["channel_mode"]),
        channels=tuple(json.loads(known["channels"])),
        teller_roles=tuple(json.loads(known["teller_roles"])),
        admin_roles=tuple(json.loads(known["admin_roles"])),
        limits=_limits(json.loads(known["limits"])),
        role_limits=MappingProxyType(role_limits),
        overrides=read_overrides(known["overrides"]),
    )


def read_change(row: sqlite3.Row) -> ServerChange:
    """Give a row of ``server_changes`` as data."""
    return ServerChange(**{**dict(row), "details": json.loads(row["details"])})


def _limits(given: Mapping[str, int]) -> Limits:
    return Limits(**{name: value for name, value in given.items() if name in LIMIT_NAMES})

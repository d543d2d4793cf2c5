"""The kinds of texts that are not let through, and how strict one may be."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Why a text is not let through."""

    MINORS = "minors"
    """Sexual content about minors. Never let through, whatever anybody chooses."""
    SEXUAL = "sexual"
    """Sexual acts, sexual violence, pornography."""
    SLUR = "slur"
    """Words of contempt for whole groups of people."""
    HATE = "hate"
    """Calls for violence against groups of people, and their praise."""
    SELF_HARM = "self_harm"
    """Asking or telling how to harm oneself; urging somebody to."""
    SWEARING = "swearing"
    """Strong swearwords."""
    MATURE = "mature"
    """Mild swearwords and mentions of sex; for servers that want none of that either."""
    SERVER = "server"
    """Words that this server does not want."""


class Level(StrEnum):
    """How much is not let through; each of them has all that the ones before it have."""

    OFF = "off"
    ADULTS = "adults"
    EVERYONE = "everyone"
    STRICT = "strict"


KINDS_OF = {
    Level.OFF: frozenset({Kind.MINORS}),
    Level.ADULTS: frozenset({Kind.MINORS, Kind.SLUR, Kind.HATE, Kind.SELF_HARM}),
    Level.EVERYONE: frozenset(
        {Kind.MINORS, Kind.SLUR, Kind.HATE, Kind.SELF_HARM, Kind.SEXUAL, Kind.SWEARING},
    ),
    Level.STRICT: frozenset(
        {Kind.MINORS, Kind.SLUR, Kind.HATE, Kind.SELF_HARM, Kind.SEXUAL, Kind.SWEARING, Kind.MATURE},
    ),
}
"""What is not let through, by level."""


def stricter(one: Level, other: Level) -> Level:
    """Give the stricter of two levels."""
    order = list(Level)
    return max(one, other, key=order.index)

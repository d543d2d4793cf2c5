"""Which sampling options hold for a story: from the built-in ones up to what the command says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.errors import UnknownPreset
from storygen.sampling import OPTION_NAMES, PRESETS, SamplingOptions, SamplingOverrides, check, clamp, merge


class Origin(StrEnum):
    """Where a value comes from."""

    BUILT_IN = "built-in"
    YOURS = "yours"
    """The person saved it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionOrigin:
    """One option as it holds for a person who says nothing else."""

    name: str
    value: float | bool
    origin: Origin


def choose(saved: SamplingOverrides, preset: str | None, explicit: SamplingOverrides) -> SamplingOptions:
    """Lay what is saved, the preset and what is said now over the built-in options; a later one wins.

    Raises UnknownPreset, and InvalidOption for what is said now; what was saved is brought into the limits.
    """
    check(explicit)
    return clamp(merge(SamplingOptions(), saved, preset_named(preset), explicit))


def preset_named(name: str | None) -> SamplingOverrides:
    """Give a preset by its name in upper or lower case; None sets nothing. Raises UnknownPreset."""
    if name is None:
        return SamplingOverrides()
    for known, preset in PRESETS.items():
        if known.casefold() == name.strip().casefold():
            return preset
    raise UnknownPreset(name, tuple(PRESETS))


def origins(saved: SamplingOverrides) -> tuple[OptionOrigin, ...]:
    """Give each option's value for a person with these saved ones, and where it comes from."""
    options, given = choose(saved, None, SamplingOverrides()), saved.given()
    return tuple(
        OptionOrigin(name=name, value=getattr(options, name), origin=Origin.YOURS if name in given else Origin.BUILT_IN)
        for name in OPTION_NAMES
    )

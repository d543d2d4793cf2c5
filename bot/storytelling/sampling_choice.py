"""Which sampling options hold for a story: from the built-in ones up to what the command says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from bot.errors import BuiltInPreset, PresetNameUnusable, UnknownPreset
from storygen.sampling import OPTION_NAMES, PRESETS, SamplingOptions, SamplingOverrides, check, clamp, merge

PRESET_NAME_LENGTH = 40
"""Greatest length in characters of the name of a person's own preset."""

Presets = Mapping[str, SamplingOverrides]
"""Presets by name."""


class Origin(StrEnum):
    """Where a value comes from; a later one goes before an earlier."""

    BUILT_IN = "built-in"
    SERVER = "from this server"
    """Those who run the server chose it, or allow no more."""
    YOURS = "yours"
    """The person saved it."""
    PRESET = "preset"
    """It is the preset's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionOrigin:
    """One option as it holds for a person who says nothing else."""

    name: str
    value: float | bool
    origin: Origin
    preset: str = ""
    """The preset's name, where it comes from one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one origin says about the options."""

    origin: Origin
    overrides: SamplingOverrides
    preset: str = ""


NOTHING = SamplingOverrides()


def choose(
    saved: SamplingOverrides,
    preset: SamplingOverrides,
    explicit: SamplingOverrides,
    *,
    server: SamplingOverrides = NOTHING,
) -> SamplingOptions:
    """Lay what the server says, what is saved, the preset and what is said now over the built-in; a later one wins.

    Raises InvalidOption for what is said now; what was saved is brought into the limits.
    """
    check(explicit)
    return clamp(merge(SamplingOptions(), server, saved, preset, explicit))


def preset_named(name: str | None, own: Presets) -> SamplingOverrides:
    """Give a preset by its name in upper or lower case, the bot's or a person's own; None sets nothing.

    Raises UnknownPreset.
    """
    return SamplingOverrides() if name is None else find_preset(name, with_built_in(own))[1]


def with_built_in(own: Presets) -> Presets:
    """Give the bot's presets and a person's own; where a name is in both, the bot's holds."""
    return {**PRESETS, **own, **PRESETS}


def find_preset(name: str, presets: Presets) -> tuple[str, SamplingOverrides]:
    """Give one of these presets with its name as it is written. Raises UnknownPreset."""
    for written, preset in presets.items():
        if written.casefold() == tidy_name(name).casefold():
            return written, preset
    raise UnknownPreset(name, tuple(presets))


def own_preset_name(typed: str) -> str:
    """Give a name for a preset of somebody's own as it is saved: on one line, without signs that nobody sees.

    Raises PresetNameUnusable, and BuiltInPreset for a name that one of the bot's has.
    """
    name = tidy_name(typed)
    if not 1 <= len(name) <= PRESET_NAME_LENGTH:
        raise PresetNameUnusable(PRESET_NAME_LENGTH)
    for built_in in PRESETS:
        if built_in.casefold() == name.casefold():
            raise BuiltInPreset(built_in)
    return name


def tidy_name(typed: str) -> str:
    """Give a typed name on one line and without signs that nobody sees."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())


def as_preset(options: SamplingOptions) -> SamplingOverrides:
    """Give a complete set of options as a preset."""
    return SamplingOverrides(**asdict(options))


def origins(
    saved: SamplingOverrides,
    own: Presets,
    chosen: str | None = None,
    *,
    server: SamplingOverrides = NOTHING,
    longest: int = 0,
) -> tuple[OptionOrigin, ...]:
    """Give each option's value for a person with these saved ones, and where it comes from.

    Saved values that are all of one preset are said to be that preset's. ``chosen`` names a preset that is laid over
    them, as a command would. ``server`` is what the server says where they are, ``longest`` the greatest length that
    it allows, 0 for any. Raises UnknownPreset.
    """
    layers = [
        Layer(origin=Origin.SERVER, overrides=server),
        Layer(origin=Origin.YOURS, overrides=saved),
        *_preset_in(saved, own),
    ]
    if chosen is not None:
        name, preset = find_preset(chosen, with_built_in(own))
        layers.append(Layer(origin=Origin.PRESET, overrides=preset, preset=name))
    options = clamp(merge(SamplingOptions(), *(layer.overrides for layer in layers)))
    if longest and options.max_new_tokens > longest:
        allowed = SamplingOverrides(max_new_tokens=longest)
        layers.append(Layer(origin=Origin.SERVER, overrides=allowed))
        options = merge(options, allowed)
    return tuple(_origin_of(name, getattr(options, name), layers) for name in OPTION_NAMES)


def _preset_in(saved: SamplingOverrides, own: Presets) -> list[Layer]:
    """Give the largest preset whose values are all among the saved ones; a person's own before the bot's."""
    given = saved.given().items()
    inside = [
        Layer(origin=Origin.PRESET, overrides=preset, preset=name)
        for name, preset in (*own.items(), *PRESETS.items())
        if preset.given() and preset.given().items() <= given
    ]
    return [max(inside, key=lambda layer: len(layer.overrides.given()))] if inside else []


def _origin_of(name: str, value: float | bool, layers: list[Layer]) -> OptionOrigin:
    """Give the origin of one value: the last layer that says it."""
    saying = [layer for layer in layers if name in layer.overrides.given()]
    if not saying:
        return OptionOrigin(name=name, value=value, origin=Origin.BUILT_IN)
    return OptionOrigin(name=name, value=value, origin=saying[-1].origin, preset=saying[-1].preset)

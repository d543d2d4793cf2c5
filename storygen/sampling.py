"""Sampling options under transformers' names: one declaration of limits, presets, merging, checking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from types import MappingProxyType
from typing import Any

from storygen.errors import InvalidOption


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingOptions:
    """A complete set of options for one story."""

    max_new_tokens: int = 320
    """How many tokens to write at most; a token is about three quarters of an English word."""
    do_sample: bool = True
    """Draw the next token by its probability; False always takes the most probable one."""
    temperature: float = 0.9
    """Below 1 the probable becomes more probable and the text calmer; above 1 it gets wilder."""
    top_k: int = 50
    """Draw only among this many most probable tokens; 0 means among all."""
    top_p: float = 0.95
    """Draw only among the most probable tokens that together reach this probability."""
    repetition_penalty: float = 1.1
    """Above 1, tokens that were used already become less probable (Keskar et al. 2019, CTRL)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingOverrides:
    """A partial set: what a person, a server or a preset says; None leaves the value below it."""

    max_new_tokens: int | None = None
    do_sample: bool | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    repetition_penalty: float | None = None

    def given(self) -> dict[str, Any]:
        """Give the options that are set, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Limit:
    """The least and the greatest value of one option, and what kind of number it is."""

    minimum: float
    maximum: float
    kind: type[int | float | bool]


LIMITS = MappingProxyType(
    {
        "max_new_tokens": Limit(30, 800, int),
        "do_sample": Limit(0, 1, bool),
        "temperature": Limit(0.1, 2.0, float),
        "top_k": Limit(0, 200, int),
        "top_p": Limit(0.05, 1.0, float),
        "repetition_penalty": Limit(1.0, 2.0, float),
    }
)
"""What people may choose. Declared here once; commands, checks and documents all read it."""

OPTION_NAMES = tuple(field.name for field in fields(SamplingOptions))

PRESETS = MappingProxyType(
    {
        "Balanced": SamplingOverrides(temperature=0.9, top_k=50, top_p=0.95, repetition_penalty=1.1),
        "Focused": SamplingOverrides(temperature=0.7, top_k=40, top_p=0.9, repetition_penalty=1.15),
        "Wild": SamplingOverrides(temperature=1.3, top_k=100, top_p=0.98, repetition_penalty=1.15),
        # The example call in the original model's documentation.
        "Classic": SamplingOverrides(temperature=1.2, top_k=50, top_p=0.95, repetition_penalty=1.1),
    }
)


def merge(base: SamplingOptions, *overrides: SamplingOverrides) -> SamplingOptions:
    """Lay partial sets over ``base``; a later one wins."""
    for partial in overrides:
        base = replace(base, **partial.given())
    return base


def check(options: SamplingOptions | SamplingOverrides, limits: Mapping[str, Limit] = LIMITS) -> None:
    """Raise InvalidOption for the first option that is of the wrong type or outside ``limits``."""
    for name, limit in limits.items():
        value = getattr(options, name)
        if value is not None and not _fits(value, limit):
            raise InvalidOption(name, value, limit.minimum, limit.maximum)


def clamp(options: SamplingOptions) -> SamplingOptions:
    """Bring every number into LIMITS; for values that were saved when the limits were wider."""
    clamped: dict[str, Any] = {
        name: limit.kind(min(max(getattr(options, name), limit.minimum), limit.maximum))
        for name, limit in LIMITS.items()
    }
    return replace(options, **clamped)


def _fits(value: object, limit: Limit) -> bool:
    if limit.kind is bool or isinstance(value, bool):
        return limit.kind is bool and isinstance(value, bool)
    if not isinstance(value, int | float) or (limit.kind is int and not isinstance(value, int)):
        return False
    return limit.minimum <= value <= limit.maximum  # nan is not

"""Sampling options: limits, merging, presets."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storygen.errors import InvalidOption
from storygen.sampling import (
    LIMITS,
    OPTION_NAMES,
    PRESETS,
    Limit,
    SamplingOptions,
    SamplingOverrides,
    check,
    clamp,
    merge,
)

numbers = st.one_of(st.integers(-(10**6), 10**6), st.floats(allow_nan=False, allow_infinity=False, width=32))


def override(name: str, value: object) -> SamplingOverrides:
    values: dict[str, Any] = {name: value}
    return SamplingOverrides(**values)


def test_every_option_has_limits_and_an_override_of_the_same_name() -> None:
    assert list(LIMITS) == list(OPTION_NAMES) == [field.name for field in fields(SamplingOverrides)]


def test_defaults_and_presets_are_within_the_limits() -> None:
    check(SamplingOptions())
    for preset in PRESETS.values():
        check(preset)


def test_classic_is_the_call_of_the_original_documentation() -> None:
    assert PRESETS["Classic"].given() == {
        "temperature": 1.2,
        "top_k": 50,
        "top_p": 0.95,
        "repetition_penalty": 1.1,
    }


def test_a_later_override_wins_and_none_leaves_what_is_below() -> None:
    merged = merge(
        SamplingOptions(), SamplingOverrides(top_k=5, top_p=0.5), SamplingOverrides(top_k=7, do_sample=False)
    )
    assert merged == SamplingOptions(top_k=7, top_p=0.5, do_sample=False)


@pytest.mark.parametrize("name", [name for name in LIMITS if LIMITS[name].kind is not bool])
def test_the_limits_themselves_are_allowed_and_what_lies_beyond_is_not(name: str) -> None:
    limit = LIMITS[name]
    step = 1 if limit.kind is int else 0.001
    for value in (limit.minimum, limit.maximum):
        check(override(name, limit.kind(value)))
    for value in (limit.minimum - step, limit.maximum + step):
        with pytest.raises(InvalidOption) as raised:
            check(override(name, limit.kind(value)))
        assert (raised.value.field, raised.value.value) == (name, limit.kind(value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", math.nan),
        ("temperature", math.inf),
        ("temperature", "1.0"),
        ("temperature", True),
        ("top_k", 50.0),
        ("do_sample", 1),
        ("max_new_tokens", True),
    ],
)
def test_values_of_the_wrong_kind_are_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidOption):
        check(override(name, value))


def test_other_limits_can_be_checked_against() -> None:
    with pytest.raises(InvalidOption):
        check(SamplingOptions(top_k=50), {"top_k": Limit(0, 10, int)})


@given(numbers, numbers, numbers, numbers, numbers)
def test_clamped_options_are_always_valid(length: float, heat: float, k: float, p: float, penalty: float) -> None:
    saved = SamplingOptions(
        max_new_tokens=int(length), temperature=heat, top_k=int(k), top_p=p, repetition_penalty=penalty
    )
    check(clamp(saved))


@given(st.integers(30, 800), st.integers(0, 200))
def test_clamping_valid_options_changes_nothing(length: int, top_k: int) -> None:
    options = replace(SamplingOptions(), max_new_tokens=length, top_k=top_k)
    assert clamp(options) == options

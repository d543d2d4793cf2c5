import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BuiltInPreset, PresetNameUnusable, UnknownPreset
from bot.sentences import sentence_for
from bot.store.people import PRESET_LIMIT
from bot.storytelling.sampling_choice import (
    PRESET_NAME_LENGTH,
    Origin,
    as_preset,
    choose,
    find_preset,
    origins,
    own_preset_name,
    preset_named,
    with_built_in,
)
from storygen.errors import InvalidOption
from storygen.sampling import LIMITS, PRESETS, SamplingOptions, SamplingOverrides, check

NOTHING = SamplingOverrides()
CALM = SamplingOverrides(temperature=0.5, top_k=7)

VALUES = {
    name: st.booleans()
    if limit.kind is bool
    else st.integers(int(limit.minimum), int(limit.maximum))
    if limit.kind is int
    else st.floats(limit.minimum, limit.maximum)
    for name, limit in LIMITS.items()
}
OVERRIDES = st.builds(SamplingOverrides, **{name: st.none() | values for name, values in VALUES.items()})
NAMES = st.text(min_size=1, max_size=8)
OWN = st.dictionaries(NAMES, OVERRIDES, max_size=4)


def told(
    saved: SamplingOverrides, own: dict[str, SamplingOverrides], chosen: str | None = None
) -> dict[str, tuple[float | bool, str]]:
    return {
        one.name: (one.value, one.preset or one.origin)
        for one in origins(saved, own, chosen)
        if one.origin != "built-in"
    }


def test_what_is_said_now_goes_before_the_preset_and_the_preset_before_what_is_saved() -> None:
    saved = SamplingOverrides(temperature=0.3, top_k=1, top_p=0.5)
    options = choose(saved, CALM, SamplingOverrides(temperature=1.9))
    assert (options.temperature, options.top_k, options.top_p) == (1.9, 7, 0.5)
    assert options.max_new_tokens == SamplingOptions().max_new_tokens


def test_what_was_saved_when_limits_were_wider_is_brought_into_them_but_what_is_said_is_refused() -> None:
    assert choose(SamplingOverrides(temperature=9.0), NOTHING, NOTHING).temperature == 2.0
    assert choose(NOTHING, SamplingOverrides(top_k=900), NOTHING).top_k == 200
    with pytest.raises(InvalidOption):
        choose(NOTHING, NOTHING, SamplingOverrides(temperature=9.0))


@given(OVERRIDES, OVERRIDES, OVERRIDES)
def test_whatever_is_saved_and_said_a_story_gets_options_within_the_limits(
    saved: SamplingOverrides, preset: SamplingOverrides, explicit: SamplingOverrides
) -> None:
    options = choose(saved, preset, explicit)
    check(options)
    assert explicit.given().items() <= {name: getattr(options, name) for name in LIMITS}.items()


def test_presets_are_found_in_any_spelling_the_bots_and_ones_own() -> None:
    assert preset_named(" wILD", {}) == PRESETS["Wild"]
    assert preset_named("GROẞE RUHE", {"große Ruhe": CALM}) == CALM
    assert preset_named(None, {"Calm": CALM}) == NOTHING


def test_an_unknown_preset_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(UnknownPreset) as refused:
        preset_named("Quiet", {"*Calm*": CALM})
    sentence = sentence_for(refused.value) or ""
    assert sentence == "There is no such preset. Choose one of Balanced, Focused, Wild, Classic, \\*Calm\\*."
    with pytest.raises(UnknownPreset) as refused:
        find_preset("Quiet", {})
    assert "`/settings preset save` makes one" in (sentence_for(refused.value) or "")


def test_the_sentence_about_an_unknown_preset_fits_into_a_message_with_the_longest_names() -> None:
    own = {f"{number:02}" + "*" * (PRESET_NAME_LENGTH - 2): CALM for number in range(PRESET_LIMIT)}
    with pytest.raises(UnknownPreset) as refused:
        preset_named("Quiet", own)
    assert len(sentence_for(refused.value) or "") <= 2000


def test_a_preset_that_a_later_version_brings_wins_over_ones_own_of_that_name() -> None:
    assert with_built_in({"Wild": CALM})["Wild"] == PRESETS["Wild"]


@pytest.mark.parametrize("typed", ["Balanced", "balanced", " BALANCED "])
def test_nobodys_own_preset_is_called_like_one_of_the_bots(typed: str) -> None:
    with pytest.raises(BuiltInPreset):
        own_preset_name(typed)


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u202e", "x" * (PRESET_NAME_LENGTH + 1)])
def test_a_name_has_a_letter_to_be_seen_and_is_not_too_long(typed: str) -> None:
    with pytest.raises(PresetNameUnusable):
        own_preset_name(typed)


@given(st.text(max_size=60))
def test_a_name_that_is_taken_is_on_one_line_and_stays_as_it_is_when_typed_again(typed: str) -> None:
    try:
        name = own_preset_name(typed)
    except (PresetNameUnusable, BuiltInPreset):
        return
    assert name.isprintable()
    assert 1 <= len(name) <= PRESET_NAME_LENGTH
    assert own_preset_name(name) == name


def test_origins_name_the_built_in_values_yours_and_the_preset() -> None:
    own = {"Calm": CALM}
    assert told(NOTHING, own) == {}
    assert told(SamplingOverrides(top_p=0.5), own) == {"top_p": (0.5, Origin.YOURS)}
    saved = SamplingOverrides(temperature=0.5, top_k=7, top_p=0.5)
    assert told(saved, own) == {"temperature": (0.5, "Calm"), "top_k": (7, "Calm"), "top_p": (0.5, Origin.YOURS)}
    assert told(SamplingOverrides(temperature=0.5, top_k=8), own)["temperature"] == (0.5, Origin.YOURS)


def test_the_largest_preset_among_the_saved_values_is_the_one_that_is_named() -> None:
    own = {"Half": SamplingOverrides(temperature=0.5), "Calm": CALM}
    assert {preset for _, preset in told(CALM, own).values()} == {"Calm"}


def test_a_preset_that_is_looked_at_lies_over_what_is_saved() -> None:
    assert told(SamplingOverrides(temperature=1.5, top_p=0.5), {"Calm": CALM}, "calm") == {
        "temperature": (0.5, "Calm"),
        "top_k": (7, "Calm"),
        "top_p": (0.5, Origin.YOURS),
    }


@given(OVERRIDES, OWN)
def test_the_values_told_are_those_that_a_story_gets(
    saved: SamplingOverrides, own: dict[str, SamplingOverrides]
) -> None:
    options = choose(saved, NOTHING, NOTHING)
    assert {one.name: one.value for one in origins(saved, own)} == {name: getattr(options, name) for name in LIMITS}


def test_present_values_as_a_preset_bring_the_same_story_whatever_is_saved_later() -> None:
    options = choose(CALM, NOTHING, NOTHING)
    assert choose(SamplingOverrides(temperature=1.9, do_sample=False), as_preset(options), NOTHING) == options

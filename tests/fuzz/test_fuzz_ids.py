"""What a client sends with a button, a form or an option: anybody can make it up."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, cast

import discord
from hypothesis import example, given
from hypothesis import strategies as st

from bot.controls import StoryButton, submitted_form
from bot.controls.form import Form
from bot.controls.presses import Press
from bot.store.lookups import LARGEST_ID, storable
from bot.store.searching import SEARCHED_CHARACTERS, searched
from storygen.errors import InvalidOption
from storygen.sampling import LIMITS, SamplingOverrides, check

PARTS = [":", "story", "form", "continue", "edit", "1", "0", "-1", "9" * 40, "\u0661", " ", "\n", "'", "%", "_", "\x00"]
IDS = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=8).map("".join)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
COMPONENT = st.recursive(
    st.fixed_dictionaries({}, optional={"custom_id": IDS, "value": PLAIN, "values": st.lists(PLAIN, max_size=2)}),
    lambda inner: st.fixed_dictionaries(
        {}, optional={"custom_id": IDS, "component": inner, "components": st.lists(inner, max_size=3)}
    ),
    max_leaves=6,
)


@given(IDS.map(lambda rest: f"story:{rest}") | IDS)
@example("story:continue:" + "9" * 30)
@example("story:continue:\u0661")
@example("story:page:1:" + "9" * 31)
async def test_a_buttons_id_is_read_or_it_is_an_unknown_button(custom_id: str) -> None:
    found = StoryButton.__discord_ui_compiled_template__.fullmatch(custom_id)
    assert (found is not None) is custom_id.startswith("story:")
    if found is not None:
        button = await StoryButton.from_custom_id(cast("Any", None), cast("Any", None), found)
        assert isinstance(button.press, Press)
        assert 0 <= storable(button.number) <= LARGEST_ID


@given(IDS.map(lambda rest: f"form:{rest}") | IDS, st.lists(COMPONENT, max_size=3))
@example("form:edit:\u0661", [])
@example("form:edit:" + "9" * 31, [])
def test_a_forms_id_and_fields_are_read_or_it_is_an_unknown_form(custom_id: str, components: list[Any]) -> None:
    data = {"custom_id": custom_id, "components": components}
    sent = cast("Any", SimpleNamespace(type=discord.InteractionType.modal_submit, data=data))
    found = submitted_form(sent)
    assert (found is not None) is custom_id.startswith("form:")
    if found is not None:
        assert isinstance(found.form, Form)
        assert 0 <= storable(found.number) <= LARGEST_ID
        assert all(isinstance(value, str) for value in found.fields.values())


@given(st.sampled_from(sorted(LIMITS)), PLAIN)
@example("temperature", math.nan)
@example("temperature", math.inf)
@example("top_k", 50.0)
@example("max_new_tokens", 10**400)
def test_an_option_lies_within_its_limits_or_is_refused(name: str, value: Any) -> None:
    try:
        check(SamplingOverrides(**{name: value}))
    except InvalidOption:
        return
    assert value is None or LIMITS[name].minimum <= value <= LIMITS[name].maximum


@given(st.text())
@example("\ud800")
@example("%_'\"; DROP TABLE stories; --")
def test_what_is_searched_for_is_something_that_the_store_takes(words: str) -> None:
    found = searched(words)
    found.encode()
    assert len(found) <= SEARCHED_CHARACTERS * 3

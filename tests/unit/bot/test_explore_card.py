"""What an exploration says in words, what stands in its menus, and that all of it is found again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cogs.explore_card import (
    NO_PROMPT,
    PROMPT_FIELD,
    explanation,
    explore_cards,
    marked,
    picture_words,
    unmarked,
)
from bot.cogs.explore_menus import OFFERED, OptionMenu, changed, explore_view, rounded
from bot.errors import UnknownButton
from bot.storytelling.exploring import EXPLORE_PROMPT_LENGTH, Explored, Way, Wish
from storygen.errors import InvalidOption
from storygen.exploration import ExploreRequest
from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import clean_text
from storygen.sampling import LIMITS, PRESETS, SamplingOptions, check, merge
from tests.fakes.scripted_engine import exploration

prompts = st.text(max_size=EXPLORE_PROMPT_LENGTH).map(lambda text: clean_text(text, ORIGINAL_GENRES))


def wish(prompt: str = "The door", genre: str = "horror", **options: Any) -> Wish:
    return Wish(genre=genre, prompt=prompt, options=SamplingOptions(**options), seed=812)


def explored(asked: Wish, text: str = " opened.") -> Explored:
    request = ExploreRequest(genre=asked.genre, prompt=asked.prompt, options=asked.options)
    ways = tuple(
        Way(name=name, options=options, text=text, goes_on=name != "Wild")
        for name, options in (
            ("Focused", merge(asked.options, PRESETS["Focused"])),
            ("Your options", asked.options),
            ("Wild", merge(asked.options, PRESETS["Wild"])),
        )
    )
    return Explored(wish=asked, exploration=exploration(request), picture=b"", ways=ways)


@given(prompts)
def test_a_prompt_is_found_again_to_the_letter(prompt: str) -> None:
    assert unmarked(marked(prompt)) == prompt
    assert marked(prompt) != NO_PROMPT


@given(prompts, st.text(min_size=1, max_size=3000))
def test_every_card_is_within_discords_limits(prompt: str, text: str) -> None:
    cards = explore_cards(explored(wish(prompt), text), ORIGINAL_GENRES)
    values = [str(field.value) for card in cards for field in card.fields]
    assert all(0 < len(value) <= 1024 for value in values)
    assert sum(len(card) for card in cards) <= 6000
    assert cards[0].fields[0].name == PROMPT_FIELD


def test_a_beginning_that_was_cut_off_ends_with_dots_and_one_that_ended_does_not() -> None:
    ways = {str(field.name): str(field.value) for field in explore_cards(explored(wish()), ORIGINAL_GENRES)[1].fields}
    assert ways["Focused"] == "`temperature 0.7`\n`top_k 40`\n`top_p 0.9`\n`penalty 1.15`\n**The door** opened. …"
    assert ways["Wild"].endswith(" opened.")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Of 2 tokens, `top_k` keeps 2 and `top_p` of these 1."),
        ({"top_k": 0}, "Of 2 tokens, `top_p` keeps 1."),
        ({"top_p": 1.0}, "Of 2 tokens, `top_k` keeps 2."),
        ({"top_k": 0, "top_p": 1.0}, "Of 2 tokens, all but the control tokens may come next."),
    ],
)
def test_the_explanation_says_what_each_option_keeps(options: dict[str, Any], sentence: str) -> None:
    words = explanation(explored(wish(**options)).exploration)
    assert words.startswith(sentence)
    assert "The most probable is **␣on** with 100.0 %; the model by itself gives it 75.0 %." in words
    assert "fits" not in words
    cut = replace(explored(wish(**options)).exploration, prompt_was_cut=True)
    assert explanation(cut).endswith("Only the end of your words fits into the model.")


def test_the_picture_is_described_for_those_who_do_not_see_it() -> None:
    assert picture_words(explored(wish()).exploration).endswith("␣on 100.0 %, e 0.0 %")


@given(
    st.floats(LIMITS["temperature"].minimum, LIMITS["temperature"].maximum),
    st.integers(0, 200),
    st.floats(LIMITS["top_p"].minimum, LIMITS["top_p"].maximum),
    st.floats(LIMITS["repetition_penalty"].minimum, LIMITS["repetition_penalty"].maximum),
    st.sampled_from(["horror", "sci_fi", "g" * 30]),
)
def test_menus_carry_all_but_the_prompt_and_offer_the_value_in_force(
    temperature: float, top_k: int, top_p: float, penalty: float, genre: str
) -> None:
    options = SamplingOptions(temperature=temperature, top_k=top_k, top_p=top_p, repetition_penalty=penalty)
    asked = Wish(genre=genre, prompt="", options=rounded(options), seed=999_999)
    check(asked.options)
    view = explore_view(asked)
    assert view is not None
    menus = [item for item in view.children if isinstance(item, OptionMenu)]
    assert [menu.item.placeholder for menu in menus] == list(OFFERED)
    for menu, option in zip(menus, OFFERED, strict=True):
        match = OptionMenu.__discord_ui_compiled_template__.fullmatch(menu.custom_id)
        assert match is not None
        assert len(menu.custom_id) <= 100
        assert len(menu.item.options) <= 25
        (now,) = [choice for choice in menu.item.options if choice.default]
        assert changed(asked, option, now.value) == asked


def test_a_genre_with_a_very_long_name_has_no_menus() -> None:
    assert explore_view(wish(genre="g" * 90)) is None


@pytest.mark.parametrize(
    ("option", "chosen", "error"),
    [
        ("top_k", "201", InvalidOption),
        ("temperature", "0", InvalidOption),
        ("top_p", "nan", UnknownButton),
        ("top_k", "", UnknownButton),
        ("top_k", "1e5", UnknownButton),
        ("do_sample", "1", UnknownButton),
    ],
)
def test_a_forged_choice_is_refused(option: str, chosen: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        changed(wish(), option, chosen)

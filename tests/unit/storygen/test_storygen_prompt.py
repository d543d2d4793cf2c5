"""The prompt format, and what people type made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storygen.genre import ORIGINAL_GENRES, Genre
from storygen.prompt import (
    BOS,
    CONTROL_TOKENS,
    EOS,
    clean_text,
    is_genre_name,
    parse_prompt,
    render_example,
    render_prompt,
    render_title_prompt,
)

GENRES = [genre.name for genre in ORIGINAL_GENRES]
TOKENS = [*CONTROL_TOKENS, *(genre.token for genre in ORIGINAL_GENRES)]
texts_with_tokens = st.lists(
    st.one_of(
        st.text(max_size=8), st.sampled_from([*TOKENS, "<", ">", "|", "/", "BOS", "B O S", "horror", " ", "\u200b"])
    )
).map("".join)


def test_a_prompt_is_rendered_as_the_original_model_reads_it() -> None:
    assert render_prompt("superhero", "Batman is hunting down") == "<BOS> <superhero> Batman is hunting down"


def test_an_empty_prompt_ends_with_its_genre_and_no_space() -> None:
    assert render_prompt("horror") == "<BOS> <horror>"


def test_an_example_has_its_end_marked() -> None:
    assert render_example("drama", "They met.") == "<BOS> <drama> They met. <EOS>"


@given(st.sampled_from(GENRES), st.text().map(str.strip))
def test_a_rendered_prompt_can_be_taken_apart_again(genre: str, text: str) -> None:
    parsed = parse_prompt(render_prompt(genre, text))
    assert (parsed.genre, parsed.text) == (genre, text)


def test_a_title_stands_before_the_genre_or_after_the_end() -> None:
    assert render_prompt("drama", "They met.", "The Mill") == "<BOS> <TITLE> The Mill <drama> They met."
    asked = render_title_prompt(render_example("drama", "They met."))
    assert asked == "<BOS> <drama> They met. <EOS> <TITLE>"


@given(st.sampled_from(GENRES), st.text().map(str.strip), st.text("Ab c:.'", min_size=1).map(str.strip))
def test_a_prompt_under_a_title_can_be_taken_apart_again(genre: str, text: str, title: str) -> None:
    parsed = parse_prompt(render_prompt(genre, text, title))
    assert (parsed.genre, parsed.text, parsed.title) == (genre, text, title)


@given(st.text().filter(lambda text: BOS not in text))
def test_text_without_a_beginning_is_all_text(text: str) -> None:
    parsed = parse_prompt(text)
    assert (parsed.genre, parsed.text) == (None, text)


@given(texts_with_tokens)
def test_clean_text_holds_no_control_token_in_any_case(text: str) -> None:
    cleaned = clean_text(text, ORIGINAL_GENRES).lower()
    assert not [token for token in TOKENS if token.lower() in cleaned]


@given(texts_with_tokens)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    cleaned = clean_text(text, ORIGINAL_GENRES)
    assert clean_text(cleaned, ORIGINAL_GENRES) == cleaned


def test_a_token_that_appears_when_another_goes_is_taken_out_too() -> None:
    assert clean_text("<B<EOS>OS> hello", ORIGINAL_GENRES) == "hello"


def test_genres_of_this_checkpoint_are_control_tokens_and_others_are_text() -> None:
    assert clean_text("<romance> <horror> x", [Genre("romance", "Romance")]) == "<horror> x"


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("a  b\tc", "a b c"),
        ("a\n\n\n b", "a\nb"),
        ("\u0634\u0628\u200c\u0647\u0627", "\u0634\u0628\u200c\u0647\u0627"),
        ("👩\u200d🚀 flies", "👩\u200d🚀 flies"),
        ("a\u202eb\x00c\ud800", "abc"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("   ", ""),
    ],
)
def test_spaces_and_control_characters(typed: str, cleaned: str) -> None:
    assert clean_text(typed, ORIGINAL_GENRES) == cleaned


def test_genre_names_can_stand_in_a_token() -> None:
    assert all(is_genre_name(name) for name in GENRES)
    assert not any(is_genre_name(name) for name in ("", "Sci-Fi", "sci fi", "1st", "bos>"))


def test_the_end_token_is_not_the_beginning() -> None:
    assert EOS not in render_prompt("horror", "text")

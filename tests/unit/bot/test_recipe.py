"""The `/story` line that asks for a passage again."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.store import TitleOrigin
from bot.storytelling.recipe import needs_more, recipe
from bot.storytelling.story_editor import ShownPassage
from tests.unit.bot.test_cards import PASSAGE, STORY, WORDS

SHOWN = ShownPassage(story=STORY, path=[WORDS, PASSAGE], versions=[2], place=0, hearts=0, can_redo=False)
DISCORDS_LENGTH = 2000


def test_the_line_names_genre_words_options_and_seed() -> None:
    assert recipe(SHOWN) == (
        "/story genre:horror prompt:She went down max_length:320 do_sample:True temperature:0.9 top_k:50 top_p:0.95 "
        "repetition_penalty:1.1 seed:812"
    )


def test_a_passage_that_follows_the_first_words_needs_nothing_more() -> None:
    assert not needs_more(SHOWN)
    assert not needs_more(replace(SHOWN, path=[PASSAGE]))


def test_a_later_passage_and_kept_facts_need_more_than_a_line_can_say() -> None:
    assert needs_more(replace(SHOWN, path=[WORDS, PASSAGE, PASSAGE]))
    assert needs_more(replace(SHOWN, story=replace(STORY, memory="Ann is ten.")))


def test_of_words_without_a_model_the_line_has_no_options() -> None:
    assert recipe(replace(SHOWN, path=[WORDS])) == "/story genre:horror prompt:She went down"


@given(words=st.text(min_size=1, max_size=1500), title=st.text(max_size=100))
def test_the_line_stays_one_line_in_a_block_of_code_and_fits_into_a_message(words: str, title: str) -> None:
    story = replace(STORY, title=title, title_origin=TitleOrigin.TYPED, private=True)
    line = recipe(replace(SHOWN, story=story, path=[replace(WORDS, text=words), PASSAGE]))
    assert "```" not in line
    assert len(line.splitlines()) == 1
    assert len(line) <= DISCORDS_LENGTH - 130

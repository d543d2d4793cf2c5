"""How a story looks."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.look.cards import (
    ROOM_IN_A_MESSAGE,
    finished_cards,
    footer,
    genre_colour,
    growing_card,
    reading_cards,
    waiting_card,
)
from bot.store import Author, Passage, PassageState, StoredStory, TitleOrigin
from storygen.genre import ORIGINAL_GENRES
from storygen.sampling import SamplingOptions
from tests.e2e.reading import plain

STORY = StoredStory(
    id=1, owner_id=7, guild_id=None, channel_id=3, genre="horror", title="", head_id=2, private=False,
    created_at=0, updated_at=0,
)  # fmt: skip
PASSAGE = Passage(
    id=2, story_id=1, parent_id=1, author=Author.MODEL, user_id=7, text=" into the dark.", state=PassageState.DONE,
    options=SamplingOptions(), seed=812, model="tiny", finish_reason=None, prompt_tokens=5, new_tokens=4,
    prompt_was_cut=False, waiting_seconds=0.1, writing_seconds=6.34, channel_id=3, message_id=4, created_at=0,
    finished_at=6,
)  # fmt: skip
WORDS = replace(PASSAGE, id=1, parent_id=None, author=Author.PERSON, text="She went down", options=None)


def size(cards: list[object]) -> int:
    return sum(len(card) for card in cards)  # type: ignore[misc, arg-type]  # an Embed's length is what Discord counts


def test_the_persons_words_are_bold_and_the_models_follow_them() -> None:
    (card,) = finished_cards(STORY, "She went down", PASSAGE, ORIGINAL_GENRES)
    assert card.description == "**She went down** into the dark."


def test_the_footer_says_who_wrote_it_and_how() -> None:
    assert footer(STORY, PASSAGE, ORIGINAL_GENRES) == "AI-generated · Horror · seed 812 · 3 words · 6.3 s"


def test_a_time_too_short_to_be_shown_is_no_nought() -> None:
    quick = replace(PASSAGE, writing_seconds=0.04)
    assert footer(STORY, quick, ORIGINAL_GENRES).endswith(" · under 0.1 s")


def test_the_footer_says_that_a_story_was_stopped() -> None:
    assert footer(STORY, replace(PASSAGE, state=PassageState.STOPPED), ORIGINAL_GENRES).endswith(" · stopped")


def test_the_footer_says_what_was_unusual_about_a_passage() -> None:
    passage = replace(PASSAGE, text="Dark.", rewritten=True, edited=True, prompt_was_cut=True)
    assert footer(STORY, passage, ORIGINAL_GENRES).split(" · ")[3:] == [
        "1 word",
        "6.3 s",
        "written again: the first try went in circles",
        "edited",
        "only the end of the text before it fitted into the model",
    ]


def test_a_persons_own_passage_is_bold_and_no_machine_is_said_to_have_written_it() -> None:
    (card,) = finished_cards(STORY, "", replace(WORDS, text="She *went*"), ORIGINAL_GENRES)
    assert card.description == r"**She \*went\***"
    assert card.footer.text == "Horror · 2 words"


@given(text=st.text(max_size=4000), title=st.text(max_size=100))
def test_a_persons_own_passage_fits_into_one_message(text: str, title: str) -> None:
    story = replace(STORY, title=title, title_origin=TitleOrigin.TYPED)
    cards = finished_cards(story, "", replace(WORDS, text=text), ORIGINAL_GENRES)
    assert size([*cards]) <= 6000
    assert all(len(card.description or "") <= 4096 for card in cards)


def test_a_typed_title_is_shown_even_where_the_text_begins_with_it() -> None:
    story = replace(STORY, title="She went", title_origin=TitleOrigin.TYPED)
    (card,) = finished_cards(story, "She went down", PASSAGE, ORIGINAL_GENRES)
    assert card.title == "She went"


def test_a_title_that_only_repeats_the_first_words_is_not_shown() -> None:
    (card,) = finished_cards(replace(STORY, title="She went…"), "She went down", PASSAGE, ORIGINAL_GENRES)
    assert card.title is None


def test_a_title_of_first_words_is_not_shown_where_the_text_breaks_its_lines_elsewhere() -> None:
    (card,) = finished_cards(replace(STORY, title="She went…"), "She\nwent down", PASSAGE, ORIGINAL_GENRES)
    assert card.title is None


def test_a_passage_that_was_stopped_before_its_first_word_says_so() -> None:
    empty = replace(PASSAGE, state=PassageState.STOPPED, text="")
    (card,) = finished_cards(STORY, "She went", empty, ORIGINAL_GENRES)
    assert "Stopped before the first word" in (card.description or "")


def test_next_to_a_lead_full_of_signs_the_models_words_are_still_shown_whole() -> None:
    text = " word" * 680
    cards = finished_cards(STORY, "*" * 1500, replace(PASSAGE, text=text), ORIGINAL_GENRES)
    shown = " ".join(card.description or "" for card in cards)
    assert shown.split().count("word") == 680


def test_a_failed_passage_says_so_and_names_the_way_on() -> None:
    (card,) = finished_cards(STORY, "She went", replace(PASSAGE, state=PassageState.FAILED, text=""), ORIGINAL_GENRES)
    assert "Retry writes it again" in (card.description or "")


def test_who_waits_sees_the_place_in_the_queue() -> None:
    assert "Number 3 in the queue" in (waiting_card(STORY, "", 3, loading=False).description or "")
    assert "waking up" in (waiting_card(STORY, "", 3, loading=True).description or "")


def test_who_waits_sees_how_long_it_will_probably_be() -> None:
    shown = [waiting_card(STORY, "", place, loading=False, waiting_seconds=21).description for place in (3, 1)]
    assert shown == ["*Number 3 in the queue, about 20 seconds.*", "*Next in the queue, about 20 seconds.*"]


def test_a_growing_passage_that_is_too_long_shows_its_end() -> None:
    card = growing_card(STORY, "", "word " * 2000 + "end")
    assert (card.description or "").endswith("end ▌")
    assert len(card) < 4096


@given(lead=st.text(max_size=1500), text=st.text(max_size=6000))
def test_a_finished_passage_fits_into_one_message(lead: str, text: str) -> None:
    cards = finished_cards(STORY, lead, replace(PASSAGE, text=text), ORIGINAL_GENRES)
    assert size([*cards]) <= 6000
    assert len(cards) <= 10
    assert all(len(card.description or "") <= 4096 for card in cards)


@given(lead=st.text(alphabet="ab_* .", max_size=900), text=st.text(alphabet="ab_* .", min_size=1, max_size=1500))
def test_all_words_of_a_passage_are_shown(lead: str, text: str) -> None:
    cards = finished_cards(STORY, lead, replace(PASSAGE, text=text), ORIGINAL_GENRES)
    shown = "".join(plain(card.description or "") for card in cards)
    assert sum(len(card.description or "") for card in cards) <= ROOM_IN_A_MESSAGE
    assert "".join(shown.split()) == "".join((lead + text).split())


@given(st.lists(st.text(alphabet="ab_ .", min_size=1, max_size=3000), min_size=1, max_size=5))
def test_a_story_is_read_whole_page_by_page(texts: list[str]) -> None:
    passages = [replace(PASSAGE if number % 2 else WORDS, text=text) for number, text in enumerate(texts)]
    cards = reading_cards(STORY, passages)
    shown = "".join(plain(card.description or "") for card in cards)
    assert "".join(shown.split()) == "".join("".join(texts).split()) or not "".join(texts).strip()
    assert all(len(card.description or "") <= 4096 for card in cards)


def test_every_genre_has_a_colour_of_its_own_and_an_unknown_one_keeps_its() -> None:
    colours = {genre_colour(genre.name) for genre in ORIGINAL_GENRES}
    assert len(colours) == len(ORIGINAL_GENRES)
    assert genre_colour("western") == genre_colour("western")

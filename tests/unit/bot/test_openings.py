import pytest

from bot.storytelling.openings import an_opening, openings
from bot.storytelling.storyteller import PROMPT_LENGTH
from storygen.genre import ORIGINAL_GENRES
from storygen.polish import sentence_ends
from storygen.prompt import clean_text

NAMES = [genre.name for genre in ORIGINAL_GENRES]


@pytest.mark.parametrize("name", [*NAMES, "western"])
def test_each_genre_has_eight_to_twelve_different_openings(name: str) -> None:
    assert 8 <= len(set(openings(name))) == len(openings(name)) <= 12


@pytest.mark.parametrize("name", [*NAMES, "western"])
def test_an_opening_is_one_or_two_whole_sentences_that_a_prompt_can_be(name: str) -> None:
    for opening in openings(name):
        assert opening[0].isupper()
        assert opening.endswith(".")
        assert 1 <= len(list(sentence_ends(opening))) <= 2, opening
        assert clean_text(opening, ORIGINAL_GENRES) == opening
        assert len(opening) <= 200 < PROMPT_LENGTH


def test_no_genre_shares_an_opening_with_another() -> None:
    every = [opening for name in [*NAMES, "western"] for opening in openings(name)]
    assert len(every) == len(set(every))


def test_a_genre_of_somebodys_own_gets_the_general_openings() -> None:
    assert openings("western") == openings("romance") != openings("drama")


def test_an_opening_is_drawn_by_chance_from_those_of_the_genre() -> None:
    drawn = {an_opening("horror") for _ in range(200)}
    assert drawn <= set(openings("horror"))
    assert len(drawn) > 1

"""What a genre is."""

from __future__ import annotations

from storygen.genre import ORIGINAL_GENRES, Genre


def test_the_token_of_a_genre_stands_in_angle_brackets() -> None:
    assert f"{Genre('sci_fi', 'Sci-Fi').token} x" == "<sci_fi> x"


def test_the_six_genres_are_those_of_the_original_model() -> None:
    names = [genre.name for genre in ORIGINAL_GENRES]
    assert names == ["superhero", "sci_fi", "horror", "action", "thriller", "drama"]

from __future__ import annotations

import pytest

from training.prepare.genres import genre_from


@pytest.mark.parametrize(
    ("raw", "genre"),
    [
        ("superhero comedy", "superhero"),
        ("Western / Musical", "drama"),
        ("action thriller", "action"),
        ("spy", "action"),
        ("World War II drama", "action"),
        ("crime, film noir", "thriller"),
        ("mystery horror", "thriller"),
        ("Horror", "horror"),
        ("sci-fi horror", "horror"),
        ("Science Fiction", "sci_fi"),
        ("unknown", "drama"),
        ("", "drama"),
    ],
)
def test_the_first_word_of_the_rule_that_is_met_decides(raw: str, genre: str) -> None:
    assert genre_from(raw) == genre

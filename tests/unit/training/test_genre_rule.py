from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storygen.genre import ORIGINAL_GENRES
from training.errors import TrainingError
from training.prepare.genre_file import DEFAULT_TABLE, read_genre_table
from training.prepare.genres import ALL, FIRST

WESTERN = """
[[genres]]
name = "western"
label = "Western"
words = ["western"]

"""


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
        ("fantasy", "drama"),
    ],
)
def test_by_the_original_rule_the_first_word_that_is_met_decides(raw: str, genre: str) -> None:
    assert read_genre_table(rule=FIRST).label(raw).genres == (genre,)


@pytest.mark.parametrize(
    ("raw", "genres"),
    [
        ("superhero comedy", ("superhero", "drama")),
        ("Western / Musical", ("action", "drama")),
        ("mystery horror", ("horror", "thriller")),
        ("sci-fi horror", ("sci_fi", "horror")),
        ("crime drama", ("thriller", "drama")),
        ("romance", ("drama",)),
        ("zombie", ("horror",)),
        ("fantasy", ("drama",)),
    ],
)
def test_by_the_other_rule_a_work_has_every_genre_that_is_named_the_narrowest_first(
    raw: str, genres: tuple[str, ...]
) -> None:
    assert read_genre_table().label(raw).genres == genres


@pytest.mark.parametrize("raw", ["unknown", "", " Unknown "])
@pytest.mark.parametrize("rule", [ALL, FIRST])
def test_a_text_that_says_nothing_means_no_genre(raw: str, rule: str) -> None:
    label = read_genre_table(rule=rule).label(raw)
    assert (label.genres, label.found_by) == ((), "unknown")


def test_it_is_told_how_a_genre_was_found() -> None:
    table = read_genre_table()
    assert [table.label(raw).found_by for raw in ("horror", "fantasy")] == ["words", "otherwise"]


def test_the_default_table_has_the_original_genres() -> None:
    assert read_genre_table().genres == ORIGINAL_GENRES


def test_a_genre_is_added_by_one_entry(tmp_path: Path) -> None:
    before, mark, after = DEFAULT_TABLE.read_text(encoding="utf-8").partition('[[genres]]\nname = "action"')
    path = tmp_path / "mine.toml"
    path.write_text(before + WESTERN.lstrip() + mark + after, encoding="utf-8")
    table = read_genre_table(path)
    assert table.names == ("superhero", "sci_fi", "horror", "western", "action", "thriller", "drama")
    assert table.label("Western / Musical").genres == ("western", "action", "drama")
    assert read_genre_table(path, rule=FIRST).label("Western / Musical").genres == ("western",)


def test_without_an_otherwise_other_works_have_no_genre(tmp_path: Path) -> None:
    path = tmp_path / "one.toml"
    path.write_text(WESTERN, encoding="utf-8")
    label = read_genre_table(path).label("opera")
    assert (label.genres, label.found_by) == ((), "otherwise")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it needs [[genres]]"),
        ("rule = 3" + WESTERN, "rule must be a text"),
        ('rule = "last"' + WESTERN, "its rule is 'last'"),
        ('otherwise = "opera"' + WESTERN, "otherwise names opera, which is none of its genres"),
        ('first_match = ["opera"]' + WESTERN, "first_match names opera"),
        ('unknow = [""]' + WESTERN, "the table has the unknown field unknow"),
        ("unknown = [1]" + WESTERN, "unknown must be a list of texts"),
        (WESTERN + "word = []", "the genre western has the unknown field word"),
        (WESTERN + WESTERN, "two genres have the name western"),
        (WESTERN + WESTERN.replace('"western"', '"far_west"'), "two genres have the label western"),
        (WESTERN.replace('"western"', '"Wild West"'), "'Wild West' is no genre's name"),
        (WESTERN.replace('"western"', '"eos"', 1), "a genre can't be named eos"),
        (WESTERN.replace('"Western"', '" "'), "the genre western needs a label"),
        (WESTERN.replace('["western"]', '[""]'), "the genre western has an empty word"),
        (WESTERN.replace('["western"]', '"western"'), "words must be a list"),
        ("[[genres]", "is not valid TOML"),
        ("genres = [1]", "it needs [[genres]]"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TrainingError) as raised:
        read_genre_table(path)
    assert said in str(raised.value)
    assert "bad.toml" in str(raised.value)
    assert str(raised.value).endswith(".")


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"gone\.toml can't be read: No such file"):
        read_genre_table(tmp_path / "gone.toml")


@given(st.text())
def test_any_text_means_genres_of_the_table_each_once(raw: str) -> None:
    for rule in (ALL, FIRST):
        table = read_genre_table(rule=rule)
        genres = table.label(raw).genres
        assert set(genres) <= set(table.names)
        assert len(set(genres)) == len(genres)
        assert rule == ALL or len(genres) <= 1


@given(st.lists(st.sampled_from(["Horror", "crime", "western", "sci-fi", "comedy", "opera"]), min_size=1))
def test_the_order_of_the_words_does_not_matter(words: list[str]) -> None:
    table = read_genre_table()
    assert table.label(", ".join(words)) == table.label("/".join(reversed(words)))

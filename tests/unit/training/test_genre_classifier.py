from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.errors import TrainingError
from training.genre_classifier import GenreClassifier, balanced_accuracy, features, plain_words

TELLING = {"horror": ("ghost", "scream", "grave"), "western": ("saddle", "sheriff", "ranch")}
PLAIN = ("walks", "home", "morning", "letter", "opens", "door", "river", "tells")


def story(genre: str, seed: int, name: str = "She") -> str:
    draw = random.Random(seed)  # noqa: S311  # not for secrets
    words = [draw.choice(PLAIN) for _ in range(30)] + [draw.choice(TELLING[genre]) for _ in range(4)]
    draw.shuffle(words)
    return f"{name} " + " ".join(words) + "."


GENRES = [genre for genre in TELLING for _ in range(30)]
TEXTS = [story(genre, seed) for seed, genre in enumerate(GENRES)]


def test_new_stories_get_the_genre_whose_words_they_have() -> None:
    classifier = GenreClassifier.train(TEXTS, GENRES, seed=1)
    new = [story("western", 1000), story("horror", 1001)]
    assert classifier.genres == ("horror", "western")
    assert classifier.predict(new) == ["western", "horror"]
    likely = classifier.probabilities(new)
    assert likely.shape == (2, 2)
    assert np.allclose(likely.sum(axis=1), 1)
    assert likely[0, 1] > 0.5 > likely[1, 1]


def test_a_name_that_goes_with_one_genre_says_nothing() -> None:
    texts = [story("horror", seed, name="Then Dracula" if seed % 2 else "Then Tex") for seed in range(60)]
    genres = ["horror" if seed % 2 else "western" for seed in range(60)]
    classifier = GenreClassifier.train(texts, genres, seed=1)
    with_names = [story("horror", 99, name="Then Dracula"), story("horror", 99, name="Then Tex")]
    first, second = classifier.probabilities(with_names)
    assert np.array_equal(first, second)


def test_the_same_texts_and_seed_give_the_same_probabilities() -> None:
    first, second = (GenreClassifier.train(TEXTS, GENRES, seed=1).probabilities(TEXTS) for _ in range(2))
    assert np.array_equal(first, second)


def test_no_texts_get_no_genres() -> None:
    classifier = GenreClassifier.train(TEXTS, GENRES, seed=1)
    assert classifier.predict([]) == []
    assert classifier.probabilities([]).shape == (0, 2)


@pytest.mark.parametrize(("texts", "genres"), [(["A b c."] * 3, ["horror"] * 3), (["a", "b"], ["horror", "drama"])])
def test_too_little_to_learn_from_is_said(texts: list[str], genres: list[str]) -> None:
    with pytest.raises(TrainingError):
        GenreClassifier.train(texts, genres, seed=1)


def test_words_are_taken_in_runs_that_names_and_stops_break() -> None:
    text = "The old house burns. Batman runs from it, quickly, and the dog's owner calls 911 twice."
    assert plain_words(text) == [
        ["old", "house", "burns"],
        ["runs", "from", "it", "quickly", "and", "the", "dog's", "owner", "calls"],
        ["twice"],
    ]
    assert "burns runs" not in set(features(text))
    assert "dog's owner" in set(features(text))


@given(st.text())
def test_only_lower_case_words_are_features(text: str) -> None:
    assert all(word.islower() for run in plain_words(text) for word in run)


def test_balanced_accuracy_weighs_every_genre_the_same() -> None:
    truth = ["drama"] * 9 + ["horror"]
    assert balanced_accuracy(truth, ["drama"] * 10) == 0.5
    assert balanced_accuracy(truth, truth) == 1.0


@pytest.mark.parametrize(("truth", "guessed"), [([], []), (["drama"], [])])
def test_nothing_to_compare_is_said(truth: list[str], guessed: list[str]) -> None:
    with pytest.raises(TrainingError):
        balanced_accuracy(truth, guessed)

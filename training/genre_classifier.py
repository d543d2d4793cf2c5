"""Guess the genre of a story from its words, to label rows of unknown genre and to measure told stories."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Self

from training.errors import TrainingError

if TYPE_CHECKING:  # scikit-learn takes a second to import
    import numpy as np
    from sklearn.pipeline import Pipeline  # type: ignore[import-untyped]

FEWEST_TEXTS = 3
"""A word or pair of words that stands in fewer training texts is not looked at."""
MOST_FEATURES = 60_000
"""At most so many words and pairs of words are looked at, the commonest."""

# Only words written in lower case count. A name, of a person, place or film, has a capital; the first word of a
# sentence has one too and is lost with them, since "Batman" and "Then" look alike there.
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")
_INVERSE_PENALTY = 1.0  # the library's own; 0.1 to 30 were tried and change little


def plain_words(text: str) -> list[list[str]]:
    """Give the words in lower case, in runs that no capital word, number or mark but a comma breaks.

    What a capital begins is left out, so that names of people can't tell the genre.
    """
    runs: list[list[str]] = [[]]
    end = 0
    for match in _WORD.finditer(text):
        word, between = match[0], text[end : match.start()]
        end = match.end()
        if between.strip(" ,\n") or not word.islower():
            runs.append([])
        if word.islower():
            runs[-1].append(word)
    return [run for run in runs if run]


def features(text: str) -> Iterator[str]:
    """Give the words of :func:`plain_words` and the pairs of neighbours among them."""
    for run in plain_words(text):
        yield from run
        for first, second in pairwise(run):
            yield f"{first} {second}"


class GenreClassifier:
    """TF-IDF of words and pairs of words, and logistic regression in which every genre weighs the same."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    @classmethod
    def train(cls, texts: Sequence[str], genres: Sequence[str], *, seed: int) -> Self:
        """Learn from texts and the name of each one's genre. The same texts, order and seed give the same classifier.

        Raises TrainingError where there are fewer than two genres, or too few texts to have words in common.
        """
        if len(set(genres)) < 2:  # noqa: PLR2004 - nothing to tell apart
            raise TrainingError("A genre classifier needs texts of at least two genres.")
        pipeline = _untrained(seed)
        try:
            pipeline.fit(texts, genres)
        except ValueError as error:  # no feature is in FEWEST_TEXTS texts
            raise TrainingError(f"The {len(texts)} texts are too few to learn genres from: {error}") from error
        return cls(pipeline)

    @property
    def genres(self) -> tuple[str, ...]:
        """Names of the genres that it was trained on, sorted: the columns of :meth:`probabilities`."""
        return tuple(str(genre) for genre in self._pipeline.classes_)

    def predict(self, texts: Sequence[str]) -> list[str]:
        """Give the name of the likeliest genre of each text."""
        return [str(genre) for genre in self._pipeline.predict(texts)] if texts else []

    def probabilities(self, texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """Give the probability of each genre for each text: an array of (texts, genres), whose rows sum to 1."""
        import numpy as np

        found = self._pipeline.predict_proba(texts) if texts else np.empty((0, len(self.genres)))
        return np.asarray(found, dtype=np.float64)


def balanced_accuracy(truth: Sequence[str], guessed: Sequence[str]) -> float:
    """Give the mean over the genres in ``truth`` of the share of its texts that were guessed right, 0 to 1.

    Guessing blindly gives one divided by the number of genres. Raises TrainingError where there is nothing to compare.
    """
    if not truth or len(truth) != len(guessed):
        raise TrainingError(f"{len(guessed)} guesses can't be compared with {len(truth)} genres.")
    right: dict[str, list[bool]] = {}
    for true, guess in zip(truth, guessed, strict=True):
        right.setdefault(true, []).append(true == guess)
    return sum(sum(hits) / len(hits) for hits in right.values()) / len(right)


def _untrained(seed: int) -> Pipeline:
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    from sklearn.pipeline import make_pipeline

    return make_pipeline(
        TfidfVectorizer(
            analyzer=_features_list, min_df=FEWEST_TEXTS, max_df=0.5, max_features=MOST_FEATURES, sublinear_tf=True
        ),
        LogisticRegression(C=_INVERSE_PENALTY, class_weight="balanced", max_iter=300, random_state=seed),
    )


def _features_list(text: str) -> list[str]:
    return list(features(text))

"""Do generated stories keep to their genre? A classifier that has read human plots only guesses it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from training.evaluate.bootstrap import interval_of_shares
from training.evaluate.labelled import LabelledStory
from training.genre_classifier import GenreClassifier, balanced_accuracy

FEWEST = 20
"""A source with fewer stories of a genre gets no classifier of its own."""


def measure_adherence(
    sources: Mapping[str, Sequence[LabelledStory]], groups: Mapping[str, Sequence[LabelledStory]], seed: int
) -> dict[str, Any]:
    """Train on all sources of human plots and say for each group of stories how often their genre is guessed right.

    Stories without a genre, or of one that the training texts lack, are left out. Where sources differ in manner and
    in their shares of genres, a classifier may learn the manner instead; so every source with enough of each genre
    also gets a classifier of its own, under ``by_source``.
    Raises TrainingError where the training texts are too few or of one genre.
    """
    together = _judge_all([story for stories in sources.values() for story in stories], groups, seed)
    alone = {
        name: _judge_all(stories, groups, seed) for name, stories in sources.items() if _has_all(stories, together)
    }
    by_source = {
        name: {
            group: {key: figures[key] for key in ("stories", "balanced_accuracy", "interval")}
            for group, figures in judged["groups"].items()
        }
        for name, judged in alone.items()
    }
    return {**together, "by_source": by_source if len(sources) > 1 else {}}


def recalls(truth: Sequence[str], guessed: Sequence[str]) -> dict[str, float]:
    """Give for each genre the share of its stories that were guessed right."""
    table = confusion(truth, guessed)
    return {genre: round(row.get(genre, 0) / sum(row.values()), 4) for genre, row in table.items()}


def confusion(truth: Sequence[str], guessed: Sequence[str]) -> dict[str, dict[str, int]]:
    """Count for each genre what its stories were guessed to be."""
    table: dict[str, dict[str, int]] = {genre: {} for genre in sorted(set(truth))}
    for true, guess in sorted(zip(truth, guessed, strict=True)):
        table[true][guess] = table[true].get(guess, 0) + 1
    return table


def _has_all(stories: Sequence[LabelledStory], together: Mapping[str, Any]) -> bool:
    counts = Counter(story.genre for story in stories)
    return all(counts[genre] >= FEWEST for genre in together["genres"])


def _judge_all(
    training: Sequence[LabelledStory], groups: Mapping[str, Sequence[LabelledStory]], seed: int
) -> dict[str, Any]:
    with_genre = [story for story in training if story.genre]
    classifier = GenreClassifier.train(
        [story.text for story in with_genre], [story.genre or "" for story in with_genre], seed=seed
    )
    known = set(classifier.genres)
    judged = {name: [story for story in stories if story.genre in known] for name, stories in groups.items()}
    return {
        "trained_on": len(with_genre),
        "genres": list(classifier.genres),
        "groups": {name: _judge(classifier, stories, seed) for name, stories in judged.items() if stories},
    }


def _judge(classifier: GenreClassifier, stories: Sequence[LabelledStory], seed: int) -> dict[str, Any]:
    truth = [story.genre or "" for story in stories]
    guessed = classifier.predict([story.text for story in stories])
    table = confusion(truth, guessed)
    hits = [row.get(genre, 0) for genre, row in table.items()]
    low, high = interval_of_shares(hits, [sum(row.values()) for row in table.values()], seed)
    return {
        "stories": len(stories),
        "balanced_accuracy": round(balanced_accuracy(truth, guessed), 4),
        "interval": [round(low, 4), round(high, 4)],
        "recall": recalls(truth, guessed),
        "confusion": table,
    }

"""Guess the genre of works whose source does not say it, and measure how often such guesses are right.

Works of known genre are kept in three samples of limited size: one to train the classifier on, one to find out how
sure it must be, one to measure it. A genre is given only from that probability on from which ``LEAST_RIGHT`` of the
guesses in the second sample of the same source are right: what is sure among short stories of magazines is not
sure among silent films. A hash of its title decides in which sample a work is, so that texts of one work are together
and neither the order of the works nor other works matter.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.errors import TrainingError
from training.prepare.splits import work_key
from training.works import OTHERWISE, Work

if TYPE_CHECKING:
    from training.genre_classifier import GenreClassifier

LEAST_RIGHT = 0.8
"""Share of the guesses of a genre that must be right."""
FEWEST_GUESSES = 15
"""With fewer guesses of a genre to judge by, it is not given at all."""
FEWEST_WORKS = 200
"""With fewer works of known genre there are no guesses."""

_LONGEST_PLOT = 5_000  # words; a novel shows its genre otherwise than a plot does
_READ = 8_000  # characters of a text that are looked at
_TRAINED_EACH, _TESTED = 2_000, 3_000  # most works: of a genre in the first sample, in the second and the third
_PROBABILITIES = tuple(step / 100 for step in range(20, 100, 5))
_SHARE_TESTED = 20  # in a hundred, for the second sample and for the third


@dataclass(frozen=True, slots=True, order=True)
class _Known:
    """A text of known genre, as far as the classifier reads it."""

    rank: int
    text: str
    genres: tuple[str, ...]


class _Sample:
    """Those of all works that were added with the smallest ranks, ``limit`` at most."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._largest: list[tuple[int, _Known]] = []

    def add(self, known: _Known) -> None:
        heapq.heappush(self._largest, (-known.rank, known))
        if len(self._largest) > self._limit:
            heapq.heappop(self._largest)

    def __iter__(self) -> Iterator[_Known]:
        return iter(sorted(known for _, known in self._largest))


class KnownWorks:
    """The three samples of one source."""

    def __init__(self) -> None:
        self.trained: dict[str, _Sample] = {}
        self.chosen, self.measured = _Sample(_TESTED), _Sample(_TESTED)

    def add(self, work: Work) -> None:
        """Consider a work. Novels are passed over, and so is what has a genre for want of a better one."""
        if work.genre is None or work.labelled_by == OTHERWISE or len(work.text.split()) > _LONGEST_PLOT:
            return
        place = _hash_of(work_key(work)) % 100
        known = _Known(_hash_of(work.text), work.text[:_READ], work.genres)
        if place < _SHARE_TESTED:
            self.chosen.add(known)
        elif place < 2 * _SHARE_TESTED:
            self.measured.add(known)
        else:
            self.trained.setdefault(work.genre, _Sample(_TRAINED_EACH)).add(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesser:
    """A classifier that says nothing where it is not sure."""

    classifier: GenreClassifier
    sure_from: Mapping[str, Mapping[str, float]]
    """For each source and each genre that is given there, the smallest probability at which it is."""
    figures: Mapping[str, Any]
    """What was measured, for the manifest."""

    def guess(self, source: str, texts: Sequence[str]) -> list[str | None]:
        """Give the genre of each text, None where it is not sure."""
        sure_from, guesses = self.sure_from[source], _likeliest(self.classifier, texts)
        return [genre if _is_sure(genre, probability, sure_from) else None for genre, probability in guesses]


def learn(sources: Mapping[str, KnownWorks], guessed_for: Iterable[str], *, seed: int) -> Guesser | str:
    """Train on the works of all sources, and measure on each of those that it will guess for.

    Gives the reason where there is too little to learn from. Raises TrainingError without scikit-learn.
    """
    trained = sorted(known for source in sources.values() for sample in source.trained.values() for known in sample)
    if len(trained) < FEWEST_WORKS or len({known.genres[0] for known in trained}) < 2:  # noqa: PLR2004 - none to choose
        return f"{len(trained)} works of known genre are too few to learn from"
    classifier = _classifier([known.text for known in trained], [known.genres[0] for known in trained], seed)
    asked = sorted(guessed_for)
    sure_from = {name: _sure_from(classifier, list(sources[name].chosen)) for name in asked}
    measured = {name: _figures(classifier, sure_from[name], list(sources[name].measured)) for name in asked}
    figures = {"trained_on": len(trained), "asked_for": LEAST_RIGHT, "sources": measured}
    return Guesser(classifier=classifier, sure_from=sure_from, figures=figures)


def _is_sure(genre: str, probability: float, sure_from: Mapping[str, float]) -> bool:
    return genre in sure_from and probability >= sure_from[genre]


def _classifier(texts: Sequence[str], genres: Sequence[str], seed: int) -> GenreClassifier:
    from training.genre_classifier import GenreClassifier

    try:
        return GenreClassifier.train(texts, genres, seed=seed)
    except ImportError as error:
        raise TrainingError(
            "To guess the genre of works whose source does not say it, scikit-learn is needed: "
            "pip install 'storybot[train]', or give --no-guess."
        ) from error


def _likeliest(classifier: GenreClassifier, texts: Sequence[str]) -> list[tuple[str, float]]:
    probabilities = classifier.probabilities([text[:_READ] for text in texts])
    best = probabilities.argmax(axis=1)
    return [(classifier.genres[place], float(row[place])) for place, row in zip(best, probabilities, strict=True)]


def _sure_from(classifier: GenreClassifier, chosen: Sequence[_Known]) -> dict[str, float]:
    guesses = _likeliest(classifier, [known.text for known in chosen])
    found: dict[str, float] = {}
    for genre in classifier.genres:
        right = [
            (p, genre in known.genres) for (guess, p), known in zip(guesses, chosen, strict=True) if guess == genre
        ]
        for least in _PROBABILITIES:
            hits = [hit for probability, hit in right if probability >= least]
            if len(hits) >= FEWEST_GUESSES and sum(hits) >= LEAST_RIGHT * len(hits):
                found[genre] = least
                break
    return found


def _figures(classifier: GenreClassifier, sure_from: Mapping[str, float], measured: Sequence[_Known]) -> dict[str, Any]:
    """Give shares of guesses that are among the genres of the work: of all guesses, and of those that are given."""
    from training.genre_classifier import balanced_accuracy

    if not measured:
        return {"measured_on": 0}
    guesses = _likeliest(classifier, [known.text for known in measured])
    right = [guess in known.genres for (guess, _), known in zip(guesses, measured, strict=True)]
    given: dict[str, list[bool]] = {genre: [] for genre in sure_from}
    for (guess, probability), hit in zip(guesses, right, strict=True):
        if _is_sure(guess, probability, sure_from):
            given[guess].append(hit)
    return {
        "measured_on": len(measured),
        "accuracy": _share(right),
        "balanced_accuracy": round(
            balanced_accuracy([known.genres[0] for known in measured], [g for g, _ in guesses]), 4
        ),
        "given": {
            "share": round(sum(map(len, given.values())) / len(measured), 4),
            "accuracy": _share([hit for hits in given.values() for hit in hits]),
            "genres": {
                genre: {"from_probability": sure_from[genre], "guesses": len(hits), "accuracy": _share(hits)}
                for genre, hits in given.items()
            },
        },
    }


def _hash_of(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _share(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None

"""Measures on real films; ``pytest -rP`` shows the figures. They need the data beside the checkout and some minutes."""

from __future__ import annotations

import json
import lzma
import os
import tarfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

import pytest

from storygen.prompt import parse_prompt
from training.genre_classifier import GenreClassifier, balanced_accuracy
from training.prepare.genre_file import read_genre_table
from training.prepare.genres import ALL, FIRST
from training.prepare.movie_plots import read_movie_plots
from training.prepare.preparation import Source, prepare
from training.prepared import SPLITS, load_split
from training.works import CLASSIFIER, UNKNOWN, Work

_DATA = Path(os.environ.get("STORYBOT_TEST_DATA", "gone")) / "data"
FILMS = _DATA / "wiki_movie_plots_subset.csv.xz"
LEADS = _DATA / "wikipedia_movie_leads.tar.xz"
STORIES = _DATA / "genre_stories_test_501.txt.xz"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not FILMS.is_file(), reason="STORYBOT_TEST_DATA names no folder with the data"),
]

MEANING = {
    "superhero": "Superhero",
    "sci_fi": "Science Fiction",
    "horror": "Horror,Supernatural,Slasher,Found Footage",
    "action": "Action,Adventure,War,Western,Spy,Martial Arts",
    "thriller": "Thriller,Crime,Mystery,Noir,Suspense",
    "drama": "Drama,Comedy,Musical,Romance,Biography,Historical,Family,Sports,Teen,Satire,Political,Legal,Erotic,"
    "Fantasy,Animated",
}
"""What the names in the film list mean; the others (Silent, Short …) say nothing of the story."""


def article(link: str) -> str:
    return unquote(link.rsplit("/wiki/", 1)[-1]).replace("_", " ")


@pytest.fixture(scope="module")
def listed() -> dict[str, set[str]]:
    """Give the genres of American films by article, from clean lists that the table has nothing to do with."""
    ours = {name: genre for genre, names in MEANING.items() for name in names.split(",")}
    found: dict[str, set[str]] = {}
    with tarfile.open(LEADS) as archive:
        for member in archive:
            stream = archive.extractfile(member)
            for film in json.load(stream) if stream else []:
                genres = {ours[name] for name in film["genres"] if name in ours}
                if film.get("href") and genres:
                    found[article(film["href"])] = genres
    return found


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Work]]:
    """Give the films as ``prepare`` labels them by either rule."""
    source = Source(name="films", files=(FILMS,), held_out=0.02)
    works = {}
    for rule in (ALL, FIRST):
        out = tmp_path_factory.mktemp(rule)
        prepare([source], out, test_stories=STORIES, seed=1, table=read_genre_table(rule=rule), guess=rule == ALL)
        works[rule] = [work for split in SPLITS for work in load_split(out, "films", split)]
    return works


def f1(pairs: Iterable[tuple[set[str], set[str]]]) -> float:
    """Give twice the genres in common, divided by the genres on both sides."""
    pairs = list(pairs)
    return 2 * sum(len(a & b) for a, b in pairs) / sum(len(a) + len(b) for a, b in pairs)


def test_all_genres_that_are_named_agree_better_with_another_list_than_the_first(listed: dict[str, set[str]]) -> None:
    agreement = {}
    for rule in (ALL, FIRST):
        works = read_movie_plots(FILMS, read_genre_table(rule=rule))
        pairs = [(set(w.genres), listed[article(w.link)]) for w in works if w.genres and article(w.link) in listed]
        agreement[rule] = f1(pairs)
        print(f"rule {rule}: {len(pairs)} films, F1 of the genres {agreement[rule]:.3f}")  # noqa: T201
    assert agreement[ALL] > agreement[FIRST] + 0.02


def test_a_classifier_learns_the_rare_genres_better_from_all_genres_that_are_named(
    prepared: dict[str, list[Work]],
) -> None:
    with lzma.open(STORIES, "rt", encoding="utf-8") as stream:
        stories = [parse_prompt(line.strip().removesuffix("<EOS>")) for line in stream]
    truth = [story.genre or "" for story in stories]
    measured = {}
    for rule, works in prepared.items():
        known = [work for work in works if work.genre and work.labelled_by != CLASSIFIER]
        classifier = GenreClassifier.train([work.text for work in known], [work.genre or "" for work in known], seed=1)
        guessed = classifier.predict([story.text for story in stories])
        measured[rule] = balanced_accuracy(truth, guessed)
        right = sum(true == guess for true, guess in zip(truth, guessed, strict=True)) / len(truth)
        print(f"rule {rule}: {len(known)} films, balanced accuracy {measured[rule]:.3f}, accuracy {right:.3f}")  # noqa: T201
    assert measured[ALL] > measured[FIRST]


def test_guessed_genres_are_right_more_often_than_drama_for_all(
    prepared: dict[str, list[Work]], listed: dict[str, set[str]]
) -> None:
    works = [work for work in prepared[ALL] if article(work.link) in listed]
    pairs = [(work.genre, listed[article(work.link)]) for work in works if work.labelled_by == CLASSIFIER]
    left = [listed[article(work.link)] for work in works if work.labelled_by == UNKNOWN]
    right, drama = (sum(found) / len(pairs) for found in ([g in b for g, b in pairs], ["drama" in b for _, b in pairs]))
    print(f"{len(pairs)} guessed films are in the list: {right:.3f} right; drama for all of them {drama:.3f}")  # noqa: T201
    print(f"{len(left)} films left without: drama would be right for {sum('drama' in b for b in left) / len(left):.3f}")  # noqa: T201
    assert right > drama + 0.03

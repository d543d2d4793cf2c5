"""What genre tokens are worth, and whether stories keep to their genre."""

from __future__ import annotations

import pytest
import torch

from storygen.checkpoint import Checkpoint, CheckpointInfo
from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import render_example
from tests.fakes.tiny_model import TinyShape, tiny_gpt2, tiny_tokenizer
from training.errors import TrainingError
from training.evaluate.adherence import confusion, measure_adherence, recalls
from training.evaluate.labelled import LabelledStory
from training.evaluate.perplexity import Measured, measure
from training.evaluate.shuffled_genres import measure_shuffled, paired_interval, with_other_genres

GENRES = [genre.name for genre in ORIGINAL_GENRES]
WORDS = {
    "superhero": "the cape saves a city",
    "sci_fi": "the ship left the station",
    "horror": "the old house breathes",
    "action": "the captain runs to the war",
    "thriller": "the thief hid his letter",
    "drama": "her brother died that night",
}


def stories(each: int) -> list[LabelledStory]:
    return [LabelledStory(genre, f"{number}: {words}.") for genre, words in WORDS.items() for number in range(each)]


@pytest.fixture(scope="module")
def taught() -> Checkpoint:
    """Give a tiny model that was taught which words go with which genre."""
    tokenizer = tiny_tokenizer()
    model = tiny_gpt2(tokenizer, 0, TinyShape()).requires_grad_(requires_grad=True)
    model.train(mode=False)  # without dropout it learns the same every time
    examples = [render_example(story.genre or "", story.text) for story in stories(2)]
    batch = tokenizer(examples, return_tensors="pt", padding=True)
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(40):
        loss = model(**batch, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return Checkpoint(CheckpointInfo(name="taught"), model.requires_grad_(requires_grad=False), tokenizer)


def test_a_model_that_was_taught_with_genres_loses_when_they_are_shuffled(taught: Checkpoint) -> None:
    told = stories(3)
    figures = measure_shuffled(taught, told, [measure(taught, story) for story in told], seed=1)
    assert figures["cost"] > 0.5
    assert figures["interval"][0] > 0
    assert figures["interval"][0] < figures["cost"] < figures["interval"][1]
    assert figures["dearer_stories"] > 0.9
    assert set(figures["by_genre"]) == set(GENRES)


def test_every_story_gets_the_token_of_another_genre() -> None:
    told = [*stories(20), LabelledStory(None, "Nothing is known of it.")]
    shuffled = with_other_genres(told, GENRES, seed=1)
    assert [story.text for story in shuffled] == [story.text for story in told]
    assert shuffled[-1] == told[-1]
    pairs = {(own.genre, other.genre) for own, other in zip(told, shuffled, strict=True) if own.genre}
    assert all(own != other for own, other in pairs)
    assert {other for _, other in pairs} == set(GENRES)
    assert shuffled == with_other_genres(told, GENRES, seed=1)


def test_an_interval_of_nothing_lost_is_nothing() -> None:
    right = [Measured(stories=1, bytes=10, tokens=3, nats=5.0)] * 8
    assert paired_interval(right, right, seed=1) == (0, 0)


def test_guesses_are_counted_by_genre() -> None:
    truth, guessed = ["horror", "horror", "drama"], ["horror", "drama", "drama"]
    assert confusion(truth, guessed) == {"drama": {"drama": 1}, "horror": {"horror": 1, "drama": 1}}
    assert recalls(truth, guessed) == {"drama": 1, "horror": 0.5}


def test_stories_that_keep_to_their_genre_are_recognised_and_others_not() -> None:
    told = stories(5)
    wrong = with_other_genres(told, GENRES, seed=1)
    lost = [LabelledStory(None, "the ship"), LabelledStory("western", "the ship")]
    figures = measure_adherence({"plots": stories(12)}, {"right": [*told, *lost], "wrong": wrong, "none": lost}, seed=1)
    assert list(figures["groups"]) == ["right", "wrong"]
    assert figures["groups"]["right"]["balanced_accuracy"] == 1
    assert figures["groups"]["right"]["interval"] == [1, 1]
    assert figures["groups"]["right"]["stories"] == len(told)
    assert figures["groups"]["wrong"]["balanced_accuracy"] == 0
    assert figures["trained_on"] == 72


def test_half_of_one_genre_recognised_is_a_half_with_an_interval() -> None:
    horror = [LabelledStory("horror", f"the old house {number}") for number in range(10)]
    as_horror = [LabelledStory("horror", story.text) for story in stories(10) if story.genre == "drama"]
    group = measure_adherence({"plots": stories(12)}, {"told": horror + as_horror}, seed=1)["groups"]["told"]
    assert group["balanced_accuracy"] == 0.5
    assert group["confusion"] == {"horror": {"horror": 10, "drama": 10}}
    low, high = group["interval"]
    assert 0.2 < low < 0.4
    assert 0.6 < high < 0.8


def test_a_source_with_enough_of_every_genre_also_judges_alone() -> None:
    few, many = stories(3), stories(25)
    groups = {"told": stories(2)}
    figures = measure_adherence({"few": few, "many": many}, groups, seed=1)
    assert figures["trained_on"] == len(few) + len(many)
    assert figures["by_source"] == {"many": {"told": {"stories": 12, "balanced_accuracy": 1, "interval": [1, 1]}}}
    assert measure_adherence({"many": many}, groups, seed=1)["by_source"] == {}


def test_training_stories_of_one_genre_are_a_mistake() -> None:
    with pytest.raises(TrainingError, match="two genres"):
        measure_adherence({"plots": [LabelledStory("drama", "the end")] * 5}, {}, seed=1)

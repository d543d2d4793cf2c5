from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
import torch

from storygen.checkpoint import Checkpoint, load
from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import render_example, render_prompt
from training.__main__ import main
from training.errors import TrainingError
from training.evaluate.labelled import LabelledStory, read_stories
from training.evaluate.perplexity import by_genre, measure, total, windows_of

GENRES = [genre.name for genre in ORIGINAL_GENRES]


@pytest.fixture(scope="module")
def checkpoint(tiny_checkpoint: Path) -> Checkpoint:
    return load(str(tiny_checkpoint))


def test_a_short_story_is_measured_as_transformers_measures_it(checkpoint: Checkpoint) -> None:
    measured = measure(checkpoint, LabelledStory("horror", "It ends."))
    prefix = len(checkpoint.tokenizer(render_prompt("horror"))["input_ids"])
    ids = checkpoint.tokenizer(render_example("horror", "It ends."), return_tensors="pt")["input_ids"]
    labels = ids.clone()
    labels[:, :prefix] = -100
    with torch.inference_mode():
        mean = float(checkpoint.model(input_ids=ids, labels=labels).loss)
    assert measured.tokens == ids.shape[1] - prefix
    assert measured.bytes == len("It ends.")
    assert measured.nats == pytest.approx(mean * measured.tokens, rel=1e-4)


@pytest.mark.parametrize("length", [1, 5, 14, 15, 30, 99])
def test_every_token_of_a_long_story_counts_once(length: int) -> None:
    prefix, text = [1, 2], list(range(100, 100 + length))
    windows = list(windows_of(prefix, text, 16))
    assert all(len(window.input_ids) <= 16 and window.input_ids[:2] == prefix for window in windows)
    assert [token for window in windows for token in window.input_ids[window.scored_from :]] == text
    assert all(window.scored_from == 2 + 7 for window in windows[1:])


def test_a_story_longer_than_the_input_is_measured_whole(checkpoint: Checkpoint) -> None:
    text = "A very long story. " * (checkpoint.model.config.n_positions // 4)
    measured = measure(checkpoint, LabelledStory("drama", text.strip()))
    assert measured.tokens > checkpoint.model.config.n_positions
    assert math.isfinite(measured.nats)


def test_the_figures_add_up(checkpoint: Checkpoint) -> None:
    stories = [
        LabelledStory("horror", "It comes."),
        LabelledStory("drama", "He goes."),
        LabelledStory("drama", "\u00e9"),
    ]
    measured = [measure(checkpoint, story) for story in stories]
    genres, overall = by_genre(stories, measured), total(measured).figures()
    assert {name: figures["stories"] for name, figures in genres.items()} == {"drama": 2, "horror": 1}
    assert overall["bytes"] == 19
    for figures in (overall, *genres.values()):
        bits = math.log2(figures["perplexity"]) * figures["tokens"] / figures["bytes"]
        assert figures["bits_per_byte"] == pytest.approx(bits, rel=1e-3)


def test_a_genre_that_the_checkpoint_lacks_counts_as_none(tmp_path: Path) -> None:
    stories = tmp_path / "stories.txt"
    stories.write_text(render_example("western", "He rides.") + "\n" + render_example("horror", "It comes.") + "\n")
    assert [story.genre for story in read_stories(stories, GENRES)] == [None, "horror"]
    assert [story.genre for story in read_stories(stories, ["western"])] == ["western", None]


def test_a_file_without_stories_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("\n")
    with pytest.raises(TrainingError, match="no stories"):
        read_stories(empty, GENRES)
    assert main(["evaluate", "--stories", str(empty), "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"storytrain evaluate: {empty} holds no stories.\n"


def test_mistakes_end_with_a_sentence_and_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prepare", "--out", str(tmp_path)]) == 2
    assert "Name at least one file" in capsys.readouterr().err
    train = ["train", "--config", "no.toml", "--data", str(tmp_path), "--run", str(tmp_path), "--out", str(tmp_path)]
    assert main(train) == 2
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SystemExit) as ended:
        main(["wander"])
    assert ended.value.code == 2


@pytest.mark.skipif("STORYBOT_TEST_DATA" not in os.environ, reason="STORYBOT_TEST_DATA names no folder with the data")
def test_the_labelled_test_stories_are_read_with_their_genres() -> None:
    stories = read_stories(Path(os.environ["STORYBOT_TEST_DATA"], "data", "genre_stories_test_501.txt.xz"), GENRES)
    genres = [story.genre for story in stories]
    assert len(stories) == 501
    assert (genres.count("drama"), genres.count("superhero"), genres.count(None)) == (311, 7, 0)

"""The n-gram baseline and the interval of figures."""

from __future__ import annotations

import numpy as np
import pytest

from training.evaluate import ngram
from training.evaluate.bootstrap import interval, interval_of_shares
from training.evaluate.labelled import LabelledStory

TRAINING = ["The captain finds a letter in the harbour. Her brother runs from a silent house."] * 5


def test_a_story_costs_less_after_reading_its_like_and_is_not_learnt_from() -> None:
    pytest.importorskip("pyppmd")
    stories = [LabelledStory("drama", "The captain finds a letter."), LabelledStory("horror", "Qxz! 871-bw, kvv?")]
    figures = ngram.measure_ngram(TRAINING, [*stories, *stories])
    assert figures["by_genre"]["drama"] < 2
    assert figures["by_genre"]["horror"] > 5
    assert figures["learning_on"] < figures["overall"]
    assert figures["trained_on_bytes"] == 5 * (len(TRAINING[0]) + 1)
    alone, _ = ngram.compressed_bytes([text.encode() for text in TRAINING], [b"Qxz! 871-bw, kvv?"] * 3)
    assert len(set(alone)) == 1


def test_without_the_compressor_there_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ngram, "find_spec", lambda _: None)
    assert "pyppmd is not installed" in str(ngram.missing())


def test_an_interval_holds_the_figure_and_is_the_same_every_time() -> None:
    values = np.random.default_rng(0).normal(3, 1, size=400)
    low, high = interval(lambda drawn: float(values[drawn].mean()), 400, seed=1)
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.15)
    assert (low, high) == interval(lambda drawn: float(values[drawn].mean()), 400, seed=1)


def test_an_interval_of_shares_is_that_of_drawing_each_group_by_itself() -> None:
    low, high = interval_of_shares([50, 90], [100, 100], seed=1)
    spread = 1.96 * ((0.25 + 0.09) / 100) ** 0.5 / 2
    assert (low, high) == pytest.approx((0.7 - spread, 0.7 + spread), abs=0.01)
    assert interval_of_shares([3, 0], [3, 7], seed=1) == (0.5, 0.5)

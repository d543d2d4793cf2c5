"""Which texts a stage takes, how often, and that the same is taken again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from storygen.genre import ORIGINAL_GENRES
from training.errors import TrainingError
from training.prepared import TRAIN, split_file
from training.train.config import Stage, TrainingConfig
from training.train.dataset import Batches, training_batches
from training.train.tokenizer import train_tokenizer
from training.works import Work, write_works

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

BLOCK = 64


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    genres = [genre.name for genre in ORIGINAL_GENRES]
    return train_tokenizer(["He goes home. She stays."], vocabulary=280, positions=BLOCK, genres=genres)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty dramas and five horrors, all as long as each other."""
    folder = tmp_path_factory.mktemp("prepared")
    genres = ["drama"] * 40 + ["horror"] * 5
    works = [
        Work(source="films", title=f"Film {number}", genre=genre, text=f"He {number:02} goes home. She stays.")
        for number, genre in enumerate(genres)
    ]
    write_works(folder / split_file("films", TRAIN), works)
    return folder


def batches_of(data: Path, tokenizer: PreTrainedTokenizerBase, **stage: Any) -> Batches:
    fields: dict[str, Any] = {"name": "one", "block": BLOCK, "sources": {"films": 1.0}, **stage}
    tokens = fields["block"]
    config = TrainingConfig(
        name="x", stages=(Stage(**fields),), positions=BLOCK, batch_tokens=tokens, micro_batch_tokens=tokens
    )
    return training_batches(data, tokenizer, config)


def text_of(batches: Batches, tokenizer: PreTrainedTokenizerBase) -> str:
    return "".join(str(tokenizer.decode(row)) for batch in batches for row in batch["input_ids"])


def ends_by_genre(batches: Batches, tokenizer: PreTrainedTokenizerBase) -> Counter[str]:
    """Count the examples that are there whole, from genre to end."""
    examples = [example for example in text_of(batches, tokenizer).split("<BOS>") if "<EOS>" in example]
    return Counter(genre for genre in ("drama", "horror") for example in examples if f"<{genre}>" in example)


def test_the_same_data_and_seed_give_the_same_batches(data: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    first, second = (batches_of(data, tokenizer, titled={"films": 0.3}, balance=0.5) for _ in range(2))
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        assert all(one[name].equal(other[name]) for name in one)


def test_without_balance_every_text_is_taken_once_and_a_few_again_to_fill(
    data: Path, tokenizer: PreTrainedTokenizerBase
) -> None:
    batches = batches_of(data, tokenizer, block=32)
    assert all(f"He {number:02} goes" in text_of(batches, tokenizer) for number in range(45))
    assert ends_by_genre(batches, tokenizer) == {"drama": 40, "horror": 5}


def test_with_balance_a_rare_genre_is_read_more_often_but_not_much_more_in_all(
    data: Path, tokenizer: PreTrainedTokenizerBase
) -> None:
    counted = ends_by_genre(batches_of(data, tokenizer, balance=1.0), tokenizer)
    assert counted["horror"] >= 15
    assert counted["drama"] <= 30
    assert abs(counted.total() - 45) <= 3


def test_half_a_pass_takes_half_of_the_texts(data: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    counted = ends_by_genre(batches_of(data, tokenizer, sources={"films": 0.5}), tokenizer)
    assert counted.total() == 22


def test_some_texts_get_their_title_before_and_some_after(data: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    batches = batches_of(data, tokenizer, titled={"films": 0.4}, sources={"films": 4})
    text = text_of(batches, tokenizer)
    before, after = text.count("<BOS> <TITLE>"), text.count("<EOS> <TITLE>")
    assert min(before, after) > 40


def test_little_of_a_batch_is_padding(data: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    batches = batches_of(data, tokenizer)
    padding = sum(int((batch["input_ids"] == tokenizer.pad_token_id).sum()) for batch in batches)
    assert padding < len(batches) * BLOCK / 8


def test_too_little_text_for_a_batch_is_said(data: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    with pytest.raises(TrainingError, match="too little text"):
        batches_of(data, tokenizer, sources={"films": 0.0})

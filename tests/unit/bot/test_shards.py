"""SHARD_IDS and SHARD_COUNT: what they mean, and the sentence for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, load_config
from bot.errors import ConfigError
from bot.shards import Shards, read_shards


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [("0,1", (0, 1)), ("0-3", (0, 1, 2, 3)), (" 6 , 2-3".strip(), (2, 3, 6)), ("5", (5,)), ("1 - 2", (1, 2))],
)
def test_shards_are_named_one_by_one_or_from_one_to_another(ids: str, expected: tuple[int, ...]) -> None:
    assert read_shards(ids, 8) == Shards(ids=expected, count=8)


def test_without_a_word_about_shards_discord_is_asked_and_the_process_leads() -> None:
    shards = Config().shards
    assert (shards.ids, shards.count, shards.first, shards.leads, shards.known) == (None, None, 0, True, (0,))


def test_a_count_alone_means_all_of_them_in_this_process() -> None:
    shards = Config(shard_count=3).shards
    assert (shards.ids, shards.count, shards.leads, shards.known) == (None, 3, True, (0, 1, 2))


def test_only_the_process_with_shard_0_leads() -> None:
    assert read_shards("0-1", 4).leads
    assert not read_shards("2-3", 4).leads
    assert read_shards("2-3", 4).first == 2


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("SHARD_IDS=0,1", "SHARD_IDS needs SHARD_COUNT, the number of shards of all processes together."),
        ("SHARD_IDS=0-4\nSHARD_COUNT=4", "SHARD_IDS names shard 4, but with SHARD_COUNT=4 the last one is 3."),
        ("SHARD_IDS=0-1,1\nSHARD_COUNT=4", "SHARD_IDS names shard 1 twice."),
        ("SHARD_IDS=3-0\nSHARD_COUNT=4", "SHARD_IDS goes backwards from 3 to 0."),
        ("SHARD_IDS=0-99999999999\nSHARD_COUNT=4", "the last one is 3."),
        ("SHARD_IDS=one\nSHARD_COUNT=4", "SHARD_IDS is not one of the values that it can have."),
        ("SHARD_IDS=0;1\nSHARD_COUNT=4", "SHARD_IDS is not one of the values that it can have."),
        ("SHARD_IDS=-1\nSHARD_COUNT=4", "SHARD_IDS is not one of the values that it can have."),
        ("SHARD_COUNT=-1", "SHARD_COUNT should be greater than or equal to 0."),
    ],
)
def test_each_mistake_is_a_sentence_for_the_operator(lines: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(lines, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / ".env")
    assert sentence in str(caught.value)


@given(st.integers(1, 40), st.data())
def test_what_is_written_down_is_read_back(count: int, data: st.DataObject) -> None:
    ids = data.draw(st.lists(st.integers(0, count - 1), min_size=1, unique=True))
    assert read_shards(",".join(map(str, ids)), count).ids == tuple(sorted(ids))


@given(st.text(alphabet="0123456789,- ", max_size=12), st.integers(0, 20))
def test_no_words_about_shards_make_anything_but_shards_or_a_sentence(ids: str, count: int) -> None:
    try:
        shards = Config(shard_ids=ids, shard_count=count).shards
    except ValueError:
        return
    assert len(set(shards.known)) == len(shards.known)
    assert all(0 <= shard < (count or 1) for shard in shards.known)

"""The steps before the first story: they tell the pace, leave nothing behind and change no story."""

from __future__ import annotations

from pathlib import Path

import pytest

from storygen.engines.loading import load_writer
from storygen.engines.local import LocalEngine
from storygen.engines.pace import WARMING_STEPS, Pace
from storygen.engines.rehearsal import STEPS, rehearse
from storygen.engines.story_writer import StoryWriter
from storygen.sampling import SamplingOptions
from storygen.story import StoryRequest
from tests.fakes.tiny_model import write_tiny_checkpoint


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_a_writer_comes_with_the_pace_of_one_row_and_of_all(tiny_checkpoint: Path, rows: int) -> None:
    writer = load_writer(str(tiny_checkpoint), device="cpu", rows=rows, threads=1)
    assert writer.free_rows == rows
    assert writer._runner.cache_bytes == 0
    assert {each for each, _ in writer.rehearsed} == {1, rows}
    assert all(seconds > 0 for _, seconds in writer.rehearsed)
    assert len(writer.rehearsed) > WARMING_STEPS + STEPS
    pace = Pace()
    for each, seconds in writer.rehearsed:
        pace.stepped(each, seconds)
    assert pace.known


def test_no_story_ends_while_it_rehearses(tmp_path: Path) -> None:
    ends_at_once = str(write_tiny_checkpoint(tmp_path / "m", eos_bias=30.0))
    writer = load_writer(ends_at_once, device="cpu", rows=4, threads=1)
    assert [rows for rows, _ in writer.rehearsed][-2 * STEPS :] == [4] * STEPS + [1] * STEPS


def test_a_rehearsal_that_breaks_leaves_all_rows_free(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = load_writer(str(tiny_checkpoint), device="cpu", rows=2, threads=1)

    def broken(_: StoryWriter) -> None:
        raise RuntimeError("no more memory")

    monkeypatch.setattr(StoryWriter, "step", broken)
    with pytest.raises(RuntimeError, match="memory"):
        list(rehearse(writer))
    assert writer.free_rows == 2


async def test_who_waits_behind_the_very_first_story_is_told_how_long(tmp_path: Path) -> None:
    endless = str(write_tiny_checkpoint(tmp_path / "m", n_positions=1024, eos_bias=-30.0))
    request = StoryRequest(genre="horror", prompt="", options=SamplingOptions(max_new_tokens=800), seed=1)
    async with LocalEngine(endless, rows=1, threads=1) as engine:
        running, waiting = engine.submit(request), engine.submit(request)
        while waiting.waiting_seconds is None:
            await waiting.changed()
        assert waiting.waiting_seconds > 0
        assert not running.done

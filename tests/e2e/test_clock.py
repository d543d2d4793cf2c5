"""The clock on the wall jumps by a day while stories are told: nothing waits for it, and nothing ends by it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.playground.clock import ManualClock
from bot.store import StoryStore
from bot.store.unfinished import TOKEN_SECONDS, OpenCommand
from tests.e2e.acting import changed_in, rows
from tests.e2e.conftest import Stage
from tests.e2e.reading import finished, is_finished, shown_text
from tests.fakes.scripted_engine import ScriptedEngine

DAY = 24 * 60 * 60


def jump(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the wall's clock show another time from now on; the one that only counts seconds knows nothing of it."""
    wall = time.time
    monkeypatch.setattr(time, "time", lambda: wall() + seconds)


@pytest.mark.parametrize("stage", [ManualClock()], indirect=True, ids=["discord's clock stands"])
@pytest.mark.parametrize("seconds", [-DAY, DAY])
async def test_a_story_goes_on_when_the_clock_jumps_and_the_next_can_be_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, slow_checkpoint: Path, seconds: int
) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "horror", "max_length": 100})
        await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message), 30)
        with monkeypatch.context() as patch:
            jump(patch, seconds)
            message = await finished(asked)
            again = await stage.playground.press(stage.ada, message, "Continue")
            await again.until(lambda shown: any(map(is_finished, shown.followups)), 30)
        ended = rows(stage, "SELECT state, writing_seconds BETWEEN 0 AND 60 FROM passages WHERE author = 'model'")
    assert ended == [("done", 1)] * 2


@pytest.mark.parametrize("seconds", [-DAY, DAY])
async def test_notes_of_before_a_jump_are_forgotten_as_old_ones_and_new_ones_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    async with StoryStore.open(tmp_path / "s.sqlite3") as store:
        await store.unfinished.note_command(OpenCommand(interaction_id=1, token="old"))  # noqa: S106 - no secret
        jump(monkeypatch, seconds)
        new = OpenCommand(interaction_id=2, token="new")  # noqa: S106 - no secret
        await store.unfinished.note_command(new)
        assert await store.unfinished.open_commands() == [new]
        jump(monkeypatch, TOKEN_SECONDS - 1)
        assert await store.unfinished.open_commands() == [new]


async def test_stories_that_were_written_before_the_clock_went_back_can_be_gone_on_with(stage: Stage) -> None:
    engine = ScriptedEngine([" was still.", " It froze."])
    async with stage.bot(engine):
        message = await finished(await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": "A"}))
        changed_in(stage, "UPDATE stories SET created_at = created_at + 86400, updated_at = updated_at + 86400")
        pressed = await stage.playground.press(stage.ada, message, "Continue")
        await pressed.until(lambda shown: any("froze" in shown_text(one) for one in shown.followups), 30)
        read = await stage.playground.slash(stage.ada, "stories read", {"story": "1"})
        await read.until(lambda shown: shown.message and "froze" in shown_text(shown.message), 30)

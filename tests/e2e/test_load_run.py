"""A load run in small: people come, the bot is measured from inside, and what was missed is said."""

from __future__ import annotations

import pytest

from tests.fakes.completions_server import CompletionsServer, status, story
from tests.load.run import measure, parser

OPTIONS = parser("test", "").parse_args(
    ["--people", "5", "--servers", "2", "--minutes", "0.05", "--per-minute", "120", "--max-length", "40"]
)


async def test_a_short_run_counts_what_people_did_and_says_that_the_goals_are_met(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with CompletionsServer() as writer:
        settings = {"STORY_ENGINE": "remote", "REMOTE_BASE_URL": writer.url, "EDIT_SECONDS": "1"}
        assert await measure(OPTIONS, settings) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "lost: 0" in lines
    assert "met     no interaction lost" in lines
    done = next(line for line in lines if line.startswith("done: "))
    assert int(done.split()[1]) > 5
    delays = next(line for line in lines if line.startswith("the bot's"))
    assert int(delays.split()[2]) > 20  # the probe was there


async def test_a_server_that_refuses_everything_is_counted_by_its_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    async with CompletionsServer(story(" and", " then."), *[status(400)] * 200) as writer:
        settings = {"STORY_ENGINE": "remote", "REMOTE_BASE_URL": writer.url}
        assert await measure(OPTIONS, settings) == 0
    shown = capsys.readouterr().out
    assert "x The model stumbled over this one." in shown or "x The server that writes for me does not" in shown

"""What people type and the model writes is in no log, whoever writes it, at the most talkative level."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from bot.logs import NEVER_VERBOSE
from bot.store import StoryStore
from tests.e2e.acting import changed, filled_in, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered
from tests.fakes.scripted_engine import ScriptedEngine

PROMPT, STORY, TITLE, MEMORY = "Zebulon hid the map", " under the parquet.", "Parchment", "Quentin is a heron."
SECRETS = ("Zebulon", "parquet", "Parchment", "Quentin", "heron")


@pytest.fixture
def everything(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Listen to every logger as the program does at LOG_LEVEL=DEBUG."""
    caplog.set_level(logging.DEBUG)
    for name in NEVER_VERBOSE:
        caplog.set_level(logging.INFO, logger=name)
    return caplog


async def test_no_word_and_no_token_is_in_the_log_of_any_library(
    stage: Stage, everything: pytest.LogCaptureFixture
) -> None:
    async with stage.bot(ScriptedEngine([STORY, STORY])):
        message = await told(stage, prompt=PROMPT, title=TITLE)
        await filled_in(stage, stage.ada, message, "More", "Memory", fields={"text": MEMORY})
        await changed(stage, stage.ada, message, "Retry")
        await stage.playground.press(stage.bob, message, "Undo")
    tokens = {asked.token for asked in stage.playground.interactions} | {stage.playground.token}
    assert "passage" in everything.text
    assert [secret for secret in (*SECRETS, *tokens) if secret in everything.text] == []


async def test_nor_where_the_engine_fails_with_the_request_in_its_hand(
    stage: Stage, everything: pytest.LogCaptureFixture
) -> None:
    engine = ScriptedEngine([])
    async with stage.bot(engine):
        engine.refuse = RuntimeError("no room")
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": PROMPT, "title": TITLE})
        assert "Something broke" in await answered(asked)
    assert "RuntimeError: no room" in everything.text
    assert [secret for secret in SECRETS if secret in everything.text] == []


async def test_what_is_shown_of_a_request_has_no_words(stage: Stage) -> None:
    engine = ScriptedEngine([STORY])
    async with stage.bot(engine):
        await told(stage, prompt=PROMPT, title=TITLE)
    request = replace(engine.generations[0].request, memory=MEMORY)
    async with StoryStore(stage.config.database_path) as store:
        story, path = await store.story(1), await store.path_to(2)
    shown = repr((request, story, path, await engine.generations[0].story()))
    assert "horror" in shown
    assert [secret for secret in SECRETS if secret in shown] == []

"""Asks the model for a story's title. It is quick or it is left: nobody waits long for a title."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from storygen.engine import Engine
from storygen.errors import StorygenError
from storygen.story import StoryRequest, Wanted
from storygen.titles import TITLE_OPTIONS, speaks_of

TITLE_SECONDS = 2.0
"""How long a finished passage waits for its story's title."""

log = logging.getLogger(__name__)


async def model_title(engine: Engine, told: StoryRequest, text: str) -> str:
    """Give the model's title for ``text``, the story that ``told`` asked for a part of.

    Empty where it has none that speaks of the story, where the line is too long to ask, after ``TITLE_SECONDS``, and
    where anything goes wrong. It stands in the line like a story of the same person, but is no story of theirs.
    """
    if (engine.status().waiting_seconds or 0.0) > TITLE_SECONDS:
        return ""
    asked = replace(
        told,
        prompt=text,
        title="",
        memory="",
        wants=Wanted.TITLE,
        finish_sentence=False,
        options=TITLE_OPTIONS,
        deadline_seconds=TITLE_SECONDS,
    )
    try:
        async with asyncio.timeout(TITLE_SECONDS), engine.submit(asked) as generation:
            title = (await generation.story()).text
    except (StorygenError, TimeoutError) as error:
        log.info("a story gets no title: %s", type(error).__name__)
        return ""
    return title if speaks_of(title, text) else ""

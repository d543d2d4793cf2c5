"""From a passage's stream to the end of its row: what is kept, under which title, and that every way out ends it."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace

from bot.errors import BotError, DatabaseDamaged, DatabaseUnusable
from bot.store import Passage, PassageState, StoryStore, TitleOrigin
from bot.storytelling.joining import first_words, joined
from bot.storytelling.telling import Telling
from bot.storytelling.titling import model_title
from bot.storytelling.tries import Kept, kept_of
from storygen.engine import Engine
from storygen.story import FinishReason

STORING_SECONDS = 600.0
"""How long a passage that can't be stored is tried to be; Discord lets its message be changed for 15 minutes."""
STORING_PAUSE = 5.0
"""Between two tries; each waits besides for whoever has the database."""

log = logging.getLogger(__name__)


async def follow(telling: Telling, engine: Engine, store: StoryStore) -> Passage:
    """Bring a telling to its end. Every way out ends the row."""
    try:
        kept = await kept_of(telling, engine)
    except asyncio.CancelledError:
        # The bot ends and the engine did not answer in time: keep what there is.
        telling.generation.cancel()
        await _end(telling, store, PassageState.STOPPED, text=telling.safe.finish(telling.generation.text).rstrip())
        raise
    except Exception as error:
        log.warning("passage %d failed: %s", telling.passage.id, type(error).__name__)
        await _end_surely(telling, store, error=error)
        raise
    if kept.story.finish_reason is FinishReason.CANCELLED or not kept.story.text:
        return await _end_surely(telling, store, PassageState.STOPPED, kept=kept)
    try:
        title = await _title(telling, engine, kept.story.text) if telling.retitle else ""
    except asyncio.CancelledError:
        await _end(telling, store, PassageState.DONE, kept=kept)
        raise
    return await _end_surely(telling, store, PassageState.DONE, kept=kept, title=title)


async def _end_surely(
    telling: Telling,
    store: StoryStore,
    state: PassageState = PassageState.FAILED,
    *,
    kept: Kept | None = None,
    title: str = "",
    error: Exception | None = None,
) -> Passage:
    """End the row, also where the disk is full or another program has the database: then as soon as it can be.

    The message shows the whole text meanwhile. A passage that went wrong keeps what was shown of it.
    """
    text = "" if error is None or isinstance(error, BotError) else telling.generation.text.rstrip()
    state = PassageState.STOPPED if text else state
    give_up = time.monotonic() + STORING_SECONDS
    while True:
        try:
            return await _end(telling, store, state, text=text, kept=kept, title=title)
        except DatabaseDamaged:
            raise
        except DatabaseUnusable as unusable:
            log.warning("passage %d can't be stored yet: %s", telling.passage.id, unusable.problem)
            if time.monotonic() >= give_up:
                raise
        await asyncio.sleep(STORING_PAUSE)


async def _title(telling: Telling, engine: Engine, text: str) -> str:
    title = await model_title(engine, telling.generation.request, _whole(telling, text))
    return "" if telling.text_filter.finds(title) else title


async def _end(
    telling: Telling,
    store: StoryStore,
    state: PassageState,
    *,
    text: str = "",
    kept: Kept | None = None,
    title: str = "",
) -> Passage:
    """End the row, and give the story a title where it has none: the model's, else its first words."""
    text = kept.story.text if kept else text
    telling.story, passage = await store.finish_passage(
        telling.passage.id,
        text=text if telling.context else text.lstrip(),
        state=state,
        title=title or first_words(_whole(telling, text)),
        title_origin=TitleOrigin.MODEL if title else TitleOrigin.TEXT,
        retitle=telling.retitle,
        story=kept.story if kept else None,
        options=kept.options if kept else None,
        rewritten=kept.rewritten if kept else False,
    )
    log.info("passage %d ended as %s with %d characters", passage.id, passage.state, len(passage.text))
    return passage


def _whole(telling: Telling, text: str) -> str:
    """Give the story's text with this passage."""
    return joined([*telling.path, replace(telling.passage, text=text)])

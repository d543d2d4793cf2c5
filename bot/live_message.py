"""A message that grows with its story: throttled edits, and at the end exactly what is stored."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

import discord

from bot.buttons import stop_view, story_view
from bot.cards import finished_cards, growing_card, waiting_card
from bot.errors import BotError, PassageNotFound
from bot.replies import UNREACHABLE, sentence_for
from bot.store import Passage
from bot.telling import Telling
from storygen.engine import EngineState, EngineStatus
from storygen.errors import StorygenError
from storygen.generation import Generation
from storygen.genre import Genre

log = logging.getLogger(__name__)

LAST_TRIES = 3
"""How often the end of a story is tried to be shown. discord.py tries again by itself where Discord answers 5xx."""

LOOK_SECONDS = 5.0
"""Between two looks at how long somebody still has to wait, where nothing else changes."""

_GONE = {10003, 10008, 10015}  # unknown channel, message, webhook: nobody can see it any more


LastEdit = Callable[..., Awaitable[None]]


class Edit(Protocol):
    """Changes the message in which a story is shown, and gives it."""

    async def __call__(
        self, *, content: str | None, embeds: list[discord.Embed], view: discord.ui.View | None
    ) -> discord.Message:
        """Show exactly this and nothing of what was there before."""
        ...


async def show(
    telling: Telling,
    edit: Edit,
    *,
    edit_seconds: float,
    status: Callable[[], EngineStatus],
    genres: tuple[Genre, ...],
    remember: Callable[[int, int], Awaitable[None]],
    note: str | None = None,
) -> Passage | None:
    """Show a passage from its place in the queue to its last sentence; give it as it was stored.

    Edits are at least ``edit_seconds`` apart, and one ends before the next begins, so that none overtakes
    the last. The first tells where the message is; ``remember`` gets its channel and id. A message that
    was deleted stops the model. None if the story failed.
    """
    finished = asyncio.ensure_future(telling.finished())
    view = stop_view(telling.passage.id)
    first = True
    shown: discord.Embed | None = None
    while not finished.done():
        card = _card(telling, status())
        if card != shown:
            message = await _edit(edit, content=note, embeds=[card], view=view)
            if message is None:
                telling.stop()
                break
            shown = None if isinstance(message, _Unshown) else card
            if first and isinstance(message, discord.Message):
                await remember(message.channel.id, message.id)
                first = False
        await asyncio.wait([finished], timeout=edit_seconds)
        if not finished.done():
            await _changed(telling.generation)
    return await _show_end(telling, finished, partial(_last_edit, edit, edit_seconds), genres, note)


async def _show_end(
    telling: Telling, finished: asyncio.Future[Passage], edit: LastEdit, genres: tuple[Genre, ...], note: str | None
) -> Passage | None:
    view = story_view(telling.passage.id)
    try:
        passage = await finished
    except PassageNotFound as error:  # deleted meanwhile: there is nothing left to continue
        await edit(content=sentence_for(error), embeds=[], view=None)
        return None
    except (StorygenError, BotError) as error:
        await edit(content=sentence_for(error), embeds=[], view=view)
        return None
    cards = finished_cards(telling.story, telling.lead, passage, genres)
    await edit(content=note, embeds=cards, view=view)
    return passage


def _card(telling: Telling, status: EngineStatus) -> discord.Embed:
    generation = telling.generation
    if generation.text:
        return growing_card(telling.story, telling.lead, generation.text)
    loading = status.state is EngineState.LOADING
    seconds = generation.waiting_seconds
    return waiting_card(telling.story, telling.lead, generation.position, loading=loading, waiting_seconds=seconds)


async def _changed(generation: Generation) -> None:
    """Wait until there is something new to show; who waits is shown how the time passes."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS if generation.position else None):
            await generation.changed()


async def _edit(
    edit: Edit, *, content: str | None, embeds: list[discord.Embed], view: discord.ui.View | None
) -> discord.Message | _Unshown | None:
    """Edit. None means that the message is gone; any other fault passes, for the story itself is stored."""
    try:
        return await edit(content=content, embeds=embeds, view=view)
    except UNREACHABLE as error:
        log.warning("a story's message could not be edited: %s", error)
        return None if getattr(error, "code", None) in _GONE else _Unshown()


async def _last_edit(
    edit: Edit, edit_seconds: float, *, content: str | None, embeds: list[discord.Embed], view: discord.ui.View | None
) -> None:
    """Edit, and if that fails again: no later edit makes up for this one."""
    for _ in range(LAST_TRIES):
        message = await _edit(edit, content=content, embeds=embeds, view=view)
        if not isinstance(message, _Unshown):
            return
        await asyncio.sleep(edit_seconds)


class _Unshown:
    """An edit that Discord did not take this time."""

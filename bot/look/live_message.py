"""A message that grows with its story: throttled edits, and at the end exactly what is stored."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import discord

from bot.controls import stop_view
from bot.look.cards import growing_card, waiting_card
from bot.look.screens import Edit, Screen, put
from bot.replies import UNREACHABLE
from bot.sentences import sentence_for
from bot.store import Passage
from bot.storytelling.telling import Telling
from storygen.engine import EngineState, EngineStatus
from storygen.generation import Generation

log = logging.getLogger(__name__)

LAST_TRIES = 3
"""How often the end of a story is tried to be shown. discord.py tries again by itself where Discord answers 5xx."""

EDIT_PATIENCE = 30.0
"""Seconds after which an edit that Discord does not answer is given up; aiohttp itself would wait five minutes."""

LOOK_SECONDS = 5.0
"""Between two looks at how long somebody still has to wait, where nothing else changes."""

_GONE = {10003, 10008, 10015}  # unknown channel, message, webhook: nobody can see it any more


End = Callable[[Exception | None], Awaitable[Screen]]
"""Gives what the message shows at the end, with what went wrong where something did."""


async def show(
    telling: Telling,
    edit: Edit,
    *,
    end: End,
    edit_seconds: float,
    status: Callable[[], EngineStatus],
    remember: Callable[[discord.Message], Awaitable[None]],
    keep: Callable[[str], Awaitable[None]],
    note: str | None = None,
) -> bool:
    """Show a passage from its place in the queue to its last sentence, and then what ``end`` gives.

    Edits are at least ``edit_seconds`` apart, and one ends before the next begins, so that none overtakes
    the last. The first tells where the message is; ``remember`` gets it. ``keep`` gets each text before it is shown.
    A message that was deleted stops the model. Says whether the message shows its end, or nobody can see it any more.
    Raises what is no sentence for a person, once the message shows its end.
    """
    finished = asyncio.ensure_future(telling.finished())
    view = stop_view(telling.passage.id)
    first = True
    shown: discord.Embed | None = None
    while not finished.done():
        card = _card(telling, status)
        if card != shown:
            await keep(telling.shown_text)
            message = await _edit(edit, Screen(content=note, embeds=[card], view=view))
            if message is None:
                telling.stop()
                break
            shown = None if isinstance(message, _Unshown) else card
            if first and isinstance(message, discord.Message):
                await remember(message)
                first = False
        await asyncio.wait([finished], timeout=edit_seconds)
        if not finished.done() and shown is not None:
            await _changed(telling.generation)
    error = await _fault_of(finished)
    message = await _last_edit(edit, await end(error), edit_seconds)
    if first and isinstance(message, discord.Message):
        await remember(message)
    if error is not None and sentence_for(error) is None:
        raise error
    return not isinstance(message, _Unshown)


async def _fault_of(finished: asyncio.Future[Passage]) -> Exception | None:
    """Wait for the end; whatever went wrong, the message may not look as if it still grew."""
    try:
        await finished
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        # Only the telling was: the bot ends, and what there was until then is stored.
    except Exception as error:  # noqa: BLE001 - raised again when the end is shown, where it is no sentence
        return error
    return None


def _card(telling: Telling, status: Callable[[], EngineStatus]) -> discord.Embed:
    generation = telling.generation
    if generation.text:
        return growing_card(telling.story, telling.lead, telling.shown_text)
    loading = status().state is EngineState.LOADING
    seconds = generation.waiting_seconds
    return waiting_card(telling.story, telling.lead, generation.position, loading=loading, waiting_seconds=seconds)


async def _changed(generation: Generation) -> None:
    """Wait until there is something new to show; who waits is shown how the time passes."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS if generation.position else None):
            await generation.changed()


async def _edit(edit: Edit, screen: Screen) -> discord.Message | _Unshown | None:
    """Edit. None means that the message is gone; any other fault passes, for the story itself is stored."""
    try:
        async with asyncio.timeout(EDIT_PATIENCE):
            return await put(edit, screen)
    except UNREACHABLE as error:  # one of them is TimeoutError
        log.warning("a story's message could not be edited: %r", error)
        return None if getattr(error, "code", None) in _GONE else _Unshown()


async def _last_edit(edit: Edit, screen: Screen, edit_seconds: float) -> discord.Message | _Unshown | None:
    """Edit, and if that fails again: no later edit makes up for this one."""
    for _ in range(LAST_TRIES):
        message = await _edit(edit, screen)
        if not isinstance(message, _Unshown):
            break
        await asyncio.sleep(edit_seconds)
    return message


class _Unshown:
    """An edit that Discord did not take this time."""

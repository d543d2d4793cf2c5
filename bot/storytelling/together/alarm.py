"""The one task that waits for the next deadline of all stories told together, and has it kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from bot.store import StoryStore
from bot.storytelling.together.clock import LOOK_SECONDS, Clock

AGAIN_SECONDS = 60
"""After so long a deadline is looked at again that could not be kept."""

StoryDue = Callable[[int], Awaitable[object]]

log = logging.getLogger(__name__)


class Alarm:
    """Calls ``due`` with each story whose deadline is over. Deadlines stand in the database alone.

    Calls ``unshown`` with each story whose newest turn could not be shown, every ``AGAIN_SECONDS``.
    """

    def __init__(self, store: StoryStore, clock: Clock, due: StoryDue, unshown: StoryDue) -> None:
        self._store = store
        self._clock = clock
        self._due = due
        self._unshown = unshown
        self._look_at: int | None = None
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to wait; what has passed before is due at once."""
        self._task = asyncio.create_task(self._run(), name="together-alarm")

    def set_anew(self) -> None:
        """Look at the deadlines again: one of them is another now."""
        self._changed.set()

    async def stop(self) -> None:
        """Keep no more deadlines; one that is being kept is let go where it is."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                self._changed.clear()
                for story_id in await self._store.circles.due(self._clock.now()):
                    await self._keep(story_id)
                await self._show_unshown()
                moments = (await self._store.circles.next_deadline(), self._look_at)
                await self._wait(min((moment for moment in moments if moment is not None), default=None))
            except Exception:  # the alarm of all stories must outlive a bad day of the database
                log.exception("deadlines can't be looked at")
                await asyncio.sleep(LOOK_SECONDS)

    async def _show_unshown(self) -> None:
        """Try again where it is time for that; else say when it will be."""
        unshown, now = await self._store.circles.unshown(), self._clock.now()
        if unshown and self._look_at is not None and now >= self._look_at:
            self._look_at = now + AGAIN_SECONDS
            for story_id in unshown:
                await self._unshown(story_id)
        elif not unshown:
            self._look_at = None
        elif self._look_at is None:
            self._look_at = now + AGAIN_SECONDS

    async def _keep(self, story_id: int) -> None:
        try:
            await self._due(story_id)
        except Exception:
            log.exception("a deadline of story %d could not be kept", story_id)
            await self._store.circles.put_off(story_id, self._clock.now() + AGAIN_SECONDS)

    async def _wait(self, deadline: int | None) -> None:
        """Wait for the deadline, or until one is another."""
        changed = asyncio.create_task(self._changed.wait())
        waits: set[asyncio.Task[Any]] = {changed}
        if deadline is not None:
            waits.add(asyncio.create_task(self._clock.wait_until(deadline)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

"""Once a day, stories go that nobody has written to for as long as the operator says. Off unless they say so."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from bot.config import Config
from bot.errors import DatabaseUnusable
from bot.store import StoryStore

DAY = 86_400
AFTER_A_FAULT = 3600
"""Seconds after which a deletion is tried again that the database did not allow."""
AT_ONCE = 200
"""Stories in one transaction, so that nobody waits long for theirs to be written."""
_DONE = "retention_at"

log = logging.getLogger(__name__)


class Retention:
    """The daily deletion. Clock and sleep are those of the system unless a test gives others."""

    def __init__(
        self,
        store: StoryStore,
        config: Config,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._config = config
        self._clock = clock
        self._sleep = sleep

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Delete whenever it is due while the block lasts."""
        if not self._config.retention_days:
            yield
            return
        task = asyncio.create_task(self.run(), name="retention")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def run(self) -> None:
        """Sleep until it is due, delete, and so on until it is cancelled."""
        while True:
            try:
                await self._sleep(await self._seconds_until_due())
                await self.delete_now()
            except DatabaseUnusable as error:
                log.error("untouched stories can't be deleted now: %s", error.problem)  # noqa: TRY400 - its sentence says all
                await self._sleep(AFTER_A_FAULT)

    async def delete_now(self) -> int:
        """Delete what is due, remember when, and say how many stories went."""
        before = int(self._clock()) - self._config.retention_days * DAY
        gone = part = await self._delete(before)
        while part == AT_ONCE:
            part = await self._delete(before)
            gone += part
        await self._store.set_meta(_DONE, str(int(self._clock())))
        log.info("%d stories deleted that nobody has written to for %d days", gone, self._config.retention_days)
        return gone

    async def _delete(self, before: int) -> int:
        return await self._store.delete_untouched(
            before,
            spare_loved=self._config.spares_loved(),
            spare_shared=self._config.spares_shared(),
            at_most=AT_ONCE,
        )

    async def _seconds_until_due(self) -> float:
        """Say how long: a restart does not put it off, a clock that was set back does so by no more than a day."""
        done = await self._store.get_meta(_DONE)
        if done is None:
            return 0.0
        return min(max(int(done) + DAY - self._clock(), 0.0), DAY)

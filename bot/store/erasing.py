"""What was deleted goes from the files too.

SQLite overwrites what is deleted (secure_delete), but not the traces that stay in pages from when rows were moved about
in them: only VACUUM, which writes the file anew, gets rid of those.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bot.store.database import Database
from bot.store.migrate import BUSY_SECONDS, delete_copies

PAUSE_SECONDS = 60.0
"""How long an erasing that nobody waits for is put off, so that one does for many deletions."""

_ASK = """
INSERT INTO meta VALUES ('erase', hex(randomblob(8))) ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
_ASKED = "SELECT value FROM meta WHERE key = 'erase'"
# Who has asked since has another value.
_DONE = "DELETE FROM meta WHERE key = 'erase' AND value = :value"

Result = TypeVar("Result")

log = logging.getLogger(__name__)


class Eraser:
    """Writes the file anew after deletions, once for all that have asked for it."""

    def __init__(self, database: Database, path: Path, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._database = database
        self._path = path
        self._pause_seconds = pause_seconds
        self._busy = asyncio.Lock()
        self._closing = asyncio.Event()
        self._later: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def delete(self, work: Callable[[], Awaitable[Result]], *, at_once: bool = True) -> Result:
        """Run ``work``, which deletes, as a transaction, and erase what it has deleted at once or after a while.

        It goes on to its end also when whoever waits for it is cancelled. What the file system does not allow is
        logged, and tried again with the next deletion or start.
        """
        return await asyncio.shield(self._own(asyncio.create_task(self._delete(work, at_once=at_once))))

    async def erase(self) -> None:
        """Erase what was deleted before, where that is still to be done."""
        async with self._busy:
            if asked := await self._database.read(_ASKED, {}):
                try:
                    await self._write_anew()
                except (sqlite3.Error, OSError) as error:
                    log.error("deleted rows can't be erased from the files yet: %s", error)  # noqa: TRY400
                else:
                    await self._database.write(_DONE, {"value": asked[0]["value"]})

    async def close(self) -> None:
        """Do at once what was put off, and come to an end."""
        self._closing.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _delete(self, work: Callable[[], Awaitable[Result]], *, at_once: bool) -> Result:
        async def deleting() -> Result:
            # Part of the transaction: what a crash keeps from being erased is erased at the next start.
            await self._database.read(_ASK, {})
            return await work()

        result = await self._database.transaction(deleting)
        if at_once:
            await self.erase()
        elif self._later is None or self._later.done():
            self._later = self._own(asyncio.create_task(self._erase_later()))
        return result

    def _own(self, task: asyncio.Task[Result]) -> asyncio.Task[Result]:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _erase_later(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), self._pause_seconds)
        await self.erase()

    async def _write_anew(self) -> None:
        await self._database.alone(partial(_write_anew, self._path))


def _write_anew(path: Path) -> None:
    """Write the database file anew and empty the log beside it; delete the copies made before a migration."""
    # In WAL mode others read meanwhile; on the store's own connection they would have to wait.
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise sqlite3.OperationalError("the log is in use")
    delete_copies(path)

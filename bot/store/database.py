"""One SQLite connection, shared by all tasks of the event loop without one seeing the other's half-done work."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import aiosqlite

from bot.errors import DatabaseDamaged, DatabaseUnusable, DiskFull
from bot.store import searching
from bot.store.damage import is_damage
from bot.store.migrate import BUSY_SECONDS

Parameters = Mapping[str, object]
Result = TypeVar("Result")
Took = Callable[[str, float], None]
"""Is told what was done (``read``, ``write`` or ``transaction``) and the seconds that it took."""


def untold(_what: str, _seconds: float) -> None:
    """Tell nobody."""


log = logging.getLogger(__name__)

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what people delete is overwritten
)


_DISTRESS = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR),
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PERM),
        *(sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB),
    }
)
"""SQLite's codes for a bad day of the file, the disk or the machine; any other error is a mistake of this program."""


class Database:
    """A connection in autocommit mode; whatever needs several statements holds the lock.

    Every method raises DatabaseUnusable, DiskFull or DatabaseDamaged on a bad day; nothing is half written then.
    """

    def __init__(self, path: Path, connection: aiosqlite.Connection, took: Took) -> None:
        self._path = path
        self._took = took
        self._connection = connection
        self._writing = asyncio.Lock()
        self._transactions: set[asyncio.Task[object]] = set()
        self.after_writing: list[Callable[[], None]] = []
        """Called after each statement or transaction that was written."""
        self.damage: asyncio.Future[DatabaseDamaged] = asyncio.get_running_loop().create_future()
        """Done once the file turned out to be damaged."""

    @classmethod
    async def open(cls, path: Path, took: Took = untold) -> Database:
        """Open a file that is up to date. Raises DatabaseUnusable."""
        # At DEBUG, aiosqlite logs every statement with its values, and so whole stories.
        logging.getLogger("aiosqlite").setLevel(logging.INFO)
        try:
            connection = await aiosqlite.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        except sqlite3.Error as error:
            raise DatabaseUnusable(path, str(error)) from error
        try:
            connection.row_factory = sqlite3.Row
            await connection.create_function("fold", 1, str.casefold, deterministic=True)
            await connection.create_function("word_count", 1, _word_count, deterministic=True)
            await connection.create_function("same_beginning", 2, same_beginning, deterministic=True)
            for statement in (*PRAGMAS, *searching.TRIGGERS, searching.FILL):
                await connection.execute_fetchall(statement)
        except BaseException as error:
            await connection.close()
            if isinstance(error, sqlite3.Error):
                raise DatabaseUnusable(path, str(error)) from error
            raise
        return cls(path, connection, took)

    async def close(self) -> None:
        """Let the transactions that run come to their end, then close the file."""
        await asyncio.gather(*self._transactions, return_exceptions=True)
        async with self._writing:
            await self._connection.close()

    async def read(self, sql: str, parameters: Parameters) -> list[sqlite3.Row]:
        """Run a query and give all its rows."""
        with self._timed("read"):
            return await self._run(sql, parameters)

    async def write(self, sql: str, parameters: Parameters) -> list[sqlite3.Row]:
        """Run one statement, which is its own transaction, outside of anybody else's; give what it returns."""
        with self._timed("write"):
            async with self._writing:
                rows = await self._run(sql, parameters)
        self._written()
        return rows

    async def alone(self, work: Callable[[], None]) -> None:
        """Run ``work`` on a thread, with a connection of its own, while nobody here writes; reading goes on."""
        async with self._writing:
            await asyncio.to_thread(work)

    async def transaction(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Run ``work``, made of ``read`` calls, as one transaction: all of it or nothing.

        It runs as a task of its own and to its end, also when whoever waits for it is cancelled.
        """
        task = asyncio.create_task(self._transaction(work))
        self._transactions.add(task)
        task.add_done_callback(self._transactions.discard)
        with self._timed("transaction"):
            return await asyncio.shield(task)

    async def _transaction(self, work: Callable[[], Awaitable[Result]]) -> Result:
        async with self._writing:
            await self.read("BEGIN IMMEDIATE", {})
            try:
                result = await work()
                await self.read("COMMIT", {})
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself ends one where the disk is full
                    await self.read("ROLLBACK", {})
                raise
        self._written()
        return result

    def _written(self) -> None:
        for call in self.after_writing:
            call()

    async def _run(self, sql: str, parameters: Parameters) -> list[sqlite3.Row]:
        try:
            return list(await self._connection.execute_fetchall(sql, parameters))
        except sqlite3.Error as error:
            raise self._told(error) from error

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self._took(what, time.perf_counter() - began)

    def _told(self, error: sqlite3.Error) -> Exception:
        """Give what is to be raised for an error of SQLite, and tell the log what people are not told."""
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if code not in _DISTRESS:
            return error
        log.error("the database %s can't be used: %s", self._path, error)
        if is_damage(error):
            damaged = DatabaseDamaged(self._path, str(error), in_use=True)
            if not self.damage.done():
                self.damage.set_result(damaged)
            return damaged
        kind = DiskFull if code == sqlite3.SQLITE_FULL else DatabaseUnusable
        return kind(self._path, str(error))


def same_beginning(one: str, other: str) -> bool:
    """Say whether two titles made of first words may be of the same story: one may go on where the other ends."""
    shorter, longer = sorted((one.removesuffix("…"), other.removesuffix("…")), key=len)
    return longer.startswith(shorter)


def _word_count(text: str) -> int:
    return len(text.split())

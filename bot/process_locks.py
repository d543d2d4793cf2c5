"""Locks between the bot's processes on one machine: who serves which shard, and who may log in next.

They are files beside the database. The system lets them go when a process ends, however it ends: no clock is needed
to tell a process that is dead from one that is slow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bot.errors import DatabaseUnusable, ShardTaken

TAKING_SECONDS = 2.0
"""How long a lock is tried for: another process may be looking whether it is free."""
LOOK_SECONDS = 0.1
"""Between two looks at whether it is one's turn to log in."""
IDENTIFY_SECONDS = 5.25
"""Between two logins of one bucket: Discord's 5 s (gateway docs, "Rate Limiting"), and something for the line."""


class ProcessLocks:
    """The locks beside one database file."""

    def __init__(self, database: Path, *, identify_seconds: float = IDENTIFY_SECONDS) -> None:
        self._database = database
        self._identify_seconds = identify_seconds
        self._identified: set[FileLock] = set()

    @contextmanager
    def serving(self, shards: Iterable[int]) -> Iterator[None]:
        """Hold these shards. Blocks for up to two seconds.

        Raises ShardTaken where another process on this machine has one of them, and DatabaseUnusable.
        """
        with ExitStack() as held:
            for shard in shards:
                self._take(shard, held)
            yield

    @contextmanager
    def if_free(self, shard: int) -> Iterator[bool]:
        """Say whether no process serves this shard; none begins to meanwhile."""
        lock = self._shard(shard)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    async def turn_to_identify(self, bucket: int) -> None:
        """Wait until none of the processes has logged in a shard of this bucket within Discord's 5 seconds."""
        lock = self._lock(f"identify-{bucket}")
        while True:
            try:
                lock.acquire(blocking=False)
            except Timeout:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                break
        self._identified.add(lock)
        asyncio.get_running_loop().call_later(self._identify_seconds, self._let_go, lock)

    def close(self) -> None:
        """Let others log in, as the end of the process would."""
        for lock in list(self._identified):
            self._let_go(lock)

    def _let_go(self, lock: FileLock) -> None:
        self._identified.discard(lock)
        lock.release()

    def _take(self, shard: int, held: ExitStack) -> None:
        lock = self._shard(shard)
        try:
            self._database.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=TAKING_SECONDS)
        except Timeout:
            raise ShardTaken(shard, self._database) from None
        except OSError as error:
            raise DatabaseUnusable(self._database, str(error)) from error
        held.callback(lock.release)

    def _shard(self, shard: int) -> FileLock:
        return self._lock(f"shard-{shard}")

    def _lock(self, name: str) -> FileLock:
        return FileLock(self._database.with_name(f"{self._database.name}.{name}.lock"), thread_local=False)

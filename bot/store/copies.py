"""Whole copies of the database: made while the bot writes, and brought back while it does not run.

Blocks; for the command line.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import CopyExists, CopyUnusable, DatabaseInUse, DatabaseMissing, DatabaseTooNew, DatabaseUnusable
from bot.store.migrate import BUSY_SECONDS, known_migrations

_BESIDE = ("", "-wal", "-shm", "-journal")
"""The files of a database that belong together."""


def back_up(database: Path, copy: Path) -> None:
    """Write a copy as the database is at one moment, also while a bot writes to it; whole or not at all.

    Only the account that made it may read it. Raises DatabaseMissing, CopyExists, CopyUnusable, DatabaseUnusable.
    """
    if not database.is_file():
        raise DatabaseMissing(database)
    if copy.exists():
        raise CopyExists(copy)
    with _temporary(copy) as unfinished:
        try:
            with closing(sqlite3.connect(database, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
                connection.execute("VACUUM INTO ?", (str(unfinished),))
        except sqlite3.Error as error:
            raise DatabaseUnusable(database, str(error)) from error
        check_copy(unfinished)
        _sync(unfinished)
        try:
            os.link(unfinished, copy)  # unlike a rename, it never replaces a file that came meanwhile
        except FileExistsError:
            raise CopyExists(copy) from None
        except OSError as error:
            raise CopyUnusable(copy, error.strerror or str(error)) from error


def restore(copy: Path, database: Path) -> Path | None:
    """Put a copy in the database's place; the old one is kept beside it, and given, where there was one.

    Raises CopyUnusable, DatabaseTooNew, DatabaseInUse while anybody has the database open, and DatabaseUnusable. Then
    nothing has changed.
    """
    if copy.resolve() == database.resolve():
        raise CopyUnusable(copy, "it is the database itself")
    check_copy(copy)
    if not database.exists():
        _put(copy, database)
        return None
    kept = _kept_name(database)
    try:
        _replace(copy, database, kept)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise DatabaseInUse(database) from error
        raise DatabaseUnusable(database, str(error)) from error
    except sqlite3.DatabaseError:  # damaged: it can't be copied, so it steps aside as it is
        _step_aside(database, kept)
        _put(copy, database)
    return kept


def check_copy(copy: Path) -> int:
    """Give the version of a whole and sound database file of this program. Raises CopyUnusable and DatabaseTooNew."""
    if not copy.is_file():
        raise CopyUnusable(copy, "there is no such file")
    try:
        # Nothing is written, but on a connection for reading alone SQLite leaves out whether CHECKs hold (seen, 3.40).
        with closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=rw", uri=True)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    except sqlite3.Error as error:
        raise CopyUnusable(copy, str(error)) from error
    if found != "ok":
        raise CopyUnusable(copy, f"it is damaged: {found}")
    if version < 1 or not {"stories", "passages"} <= tables:
        raise CopyUnusable(copy, "it is no database of this bot")
    if version > (known := known_migrations()[-1].number):
        raise DatabaseTooNew(version, known)
    return version


def _replace(copy: Path, database: Path, kept: Path) -> None:
    """Keep what is there, then write the copy over it in one transaction, with nobody else at the file meanwhile."""
    with closing(sqlite3.connect(database, timeout=0.0, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        # In WAL mode every connection that is open stands in its way, also one of a bot that does nothing just now.
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
        with _temporary(kept) as unfinished:
            connection.execute("VACUUM INTO ?", (str(unfinished),))
            _sync(unfinished)
            unfinished.replace(kept)
        with closing(sqlite3.connect(copy)) as source:
            source.backup(connection)


def _put(copy: Path, database: Path) -> None:
    database.parent.mkdir(parents=True, exist_ok=True)
    with _temporary(database) as unfinished:
        with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(unfinished)) as target:
            source.backup(target)
        _sync(unfinished)
        unfinished.replace(database)


def _step_aside(database: Path, kept: Path) -> None:
    for ending in _BESIDE:
        part = database.with_name(database.name + ending)
        if part.exists():
            shutil.move(part, kept.with_name(kept.name + ending))


def _kept_name(database: Path) -> Path:
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return database.with_name(f"{database.name}.before-restore.{moment}.backup")


def _sync(path: Path) -> None:
    """See it on the disk before it gets its name."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """Give the name of an empty file beside ``target`` that is gone afterwards, whatever happens.

    Raises CopyUnusable where none can be made.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # readable by the owner alone
    except OSError as error:
        raise CopyUnusable(target, error.strerror or str(error)) from error
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for ending in _BESIDE:
            Path(name + ending).unlink(missing_ok=True)

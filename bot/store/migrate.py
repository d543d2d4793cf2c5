"""Bring a database file up to date: numbered SQL files, each in one transaction with the version.

Blocks, so the event loop has it done on a thread.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from importlib.resources import files
from pathlib import Path

from bot.errors import DatabaseTooNew, DatabaseUnusable
from bot.store.damage import refuse_damaged

BUSY_SECONDS = 5.0
"""How long a statement waits for another program that writes to the same file."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step from a version to the next."""

    number: int
    """The version that the database has afterwards; the first is 1."""
    sql: str


def known_migrations() -> tuple[Migration, ...]:
    """Give the migrations that come with this program, in order."""
    folder = files("bot.store").joinpath("migrations")
    scripts = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return tuple(Migration(number=int(script.name[:4]), sql=script.read_text(encoding="utf-8")) for script in scripts)


def migrate(path: Path, migrations: Sequence[Migration]) -> None:
    """Make the file and its folder, or bring an existing file up to date; a file with content is copied first.

    Raises DatabaseTooNew, DatabaseDamaged once a copy is made aside, and DatabaseUnusable with what SQLite or the file
    system says.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        refuse_damaged(path, BUSY_SECONDS)
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            _bring_up_to_date(connection, path, migrations)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseUnusable(path, str(error)) from error


def delete_copies(path: Path) -> None:
    """Delete the copies that were made before this file was migrated or restored: they have what was deleted since."""
    for reason in ("version-*", "before-restore.*"):
        for copy in path.parent.glob(f"{escape(path.name)}.{reason}.backup*"):
            copy.unlink(missing_ok=True)


def _bring_up_to_date(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    found, known = _version(connection), migrations[-1].number
    if found > known:
        raise DatabaseTooNew(found, known)
    if 0 < found < known:
        _back_up(connection, path, found)
    for migration in migrations:
        _apply(connection, migration)


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    """Run one migration, unless the file, perhaps by another process, has it already."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) < migration.number:
            for statement in _statements(migration.sql):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {migration.number:d}")
            log.info("database migrated to version %d", migration.number)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _statements(sql: str) -> Iterator[str]:
    """Take a script apart, since sqlite3's executescript would commit the open transaction."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    copy = path.with_name(f"{path.name}.version-{version}.{moment}.backup")
    connection.execute("VACUUM INTO ?", (str(copy),))
    log.info("database of version %d copied to %s before it is migrated", version, copy.name)


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)

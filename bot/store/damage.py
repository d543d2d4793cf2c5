"""A damaged database is found before anything is written to it, and copied aside as it was found.

Blocks, so the event loop has it done on a thread.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import DatabaseDamaged

CHECKED_BYTES = 128 * 2**20
"""Larger files are not read through at the start: 75 MiB took 0.2 to 0.4 s, from memory and on a busy machine.

Damage in them is found where it is read.
"""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

log = logging.getLogger(__name__)


def is_damage(error: sqlite3.Error) -> bool:
    """Say whether SQLite means that the file itself is wrong, not only that it can't be had now."""
    return _code(error) in _DAMAGED


def refuse_damaged(path: Path, busy_seconds: float) -> None:
    """Look an existing file over; nothing is written to it. Raises DatabaseDamaged, once the file is copied aside."""
    if not path.is_file() or not 0 < path.stat().st_size <= CHECKED_BYTES:
        return
    problem = _problem(path, busy_seconds)
    if problem:
        raise DatabaseDamaged(path, problem, copy=_copied_aside(path))


def _problem(path: Path, busy_seconds: float) -> str:
    try:
        address = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=busy_seconds)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error) if is_damage(error) else ""  # what else is wrong, whoever opens it for writing finds as well
    return "" if found == "ok" else " ".join(str(found).split())


def _copied_aside(path: Path) -> Path | None:
    """Copy the file and its log; None where that fails. What is copied already is not copied again at each start."""
    files = {path: "", path.with_name(f"{path.name}-wal"): "-wal"}
    try:
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in files if file.is_file())).hexdigest()[:12]
        copy = path.with_name(f"{path.name}.damaged-{digest}.copy")
        if not copy.exists():
            for file, ending in files.items():
                if file.is_file():
                    shutil.copy2(file, copy.with_name(copy.name + ending))
    except OSError as error:
        log.error("the damaged database can't be copied aside: %s", error)  # noqa: TRY400 - its sentence says all
        return None
    return copy


def _code(error: sqlite3.Error) -> int:
    """Give SQLite's primary result code; sqlite3's own errors have none."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF

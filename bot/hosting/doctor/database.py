"""The database and the disk under it. Opens it for reading alone, and never brings it up to date."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import CopyUnusable, DatabaseTooNew
from bot.hosting.doctor.finding import Finding, doubtful, fine, wrong
from bot.store.copies import check_copy
from bot.store.migrate import known_migrations

MEGABYTE = 1_000_000
LITTLE_SPACE = 500 * MEGABYTE
NO_SPACE = 20 * MEGABYTE
COPIES = 2
"""How often the database must fit onto the disk once more: deleting writes it anew, and so does a backup."""
ABOUT = "database"


def look_at_database(path: Path) -> list[Finding]:
    """Look at the file, what is in it, whether it can be written to, and how much room there is."""
    try:
        findings = [_content(path), _writable(path)] if path.exists() else [_missing(path)]
        return [*findings, _space(path)]
    except OSError as error:
        return [wrong(ABOUT, f"{path} can't be looked at: {error.strerror}.", "See who owns the folder.")]


def _missing(path: Path) -> Finding:
    folder = _nearest_folder(path)
    if not os.access(folder, os.W_OK | os.X_OK):
        mend = "Give the bot's account the folder, or name another one in DATABASE_PATH."
        return wrong(ABOUT, f"There is none at {path}, and none can be made in {folder}.", mend)
    return fine(ABOUT, f"There is none at {path} yet; it is made at the first start.")


def _content(path: Path) -> Finding:
    try:
        version = check_copy(path)
    except DatabaseTooNew as error:
        mend = "Update the bot, or bring back an older copy: storybot restore FILE"
        return wrong(ABOUT, f"Its version is {error.found}; this program knows {error.known}.", mend)
    except CopyUnusable as error:
        if _is_empty(path):
            return fine(ABOUT, f"{path} is empty; it is filled at the first start.")
        return wrong(ABOUT, f"{path}: {error.problem}.", "Bring back a copy: storybot restore FILE")
    known = known_migrations()[-1].number
    if version < known:
        return fine(ABOUT, f"{path} is sound. Version {version} is copied and brought to {known} at the next start.")
    return fine(ABOUT, f"{path} is sound, its version is {version}.")


def _writable(path: Path) -> Finding:
    about = "writing"
    folder_too = "SQLite writes files beside it too: give the bot's account the file and its folder."
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return wrong(about, f"The folder {path.parent} can't be written to.", folder_too)
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=1.0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        if "locked" in str(error):
            mend = "Try again; if it stays so, another program than the bot has the file open: end that."
            return doubtful(about, "Another program is just writing to the database.", mend)
        return wrong(about, f"The database can't be written to: {error}.", folder_too)
    return fine(about, "The database can be written to.")


def _space(path: Path) -> Finding:
    about = "disk"
    free = shutil.disk_usage(_nearest_folder(path)).free
    size = path.stat().st_size if path.exists() else 0
    said = f"{free / MEGABYTE:,.0f} MB free, the database has {size / MEGABYTE:,.1f} MB"
    if free < NO_SPACE + size:
        return wrong(about, f"{said}: deleting and copying need as much again.", "Make room.")
    if free < LITTLE_SPACE + COPIES * size:
        return doubtful(about, f"{said}.", "Make room before it is full: then nothing more can be stored.")
    return fine(about, f"{said}.")


def _is_empty(path: Path) -> bool:
    return path.is_file() and path.stat().st_size == 0


def _nearest_folder(path: Path) -> Path:
    return next(folder for folder in path.resolve().parents if folder.is_dir())

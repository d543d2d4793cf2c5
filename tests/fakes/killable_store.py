"""Programs that are killed while they write to a database: at the n-th step of SQLite, or by somebody else."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sqlite3
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from bot.store import StoryStore
from bot.store.migrate import known_migrations, migrate
from tests.fakes.stored_stories import told

_FORKING = multiprocessing.get_context("forkserver")

STEPS = 50
"""SQLite counts this many of its own instructions as one step."""


def migrating(path: Path, dies_after: int) -> BaseProcess:
    """Begin a program that brings a file up to date and kills itself after so many steps, unless it is done before."""
    process = _FORKING.Process(target=_migrate, args=(str(path), dies_after))
    process.start()
    return process


def _migrate(path: str, dies_after: int) -> None:
    left = [dies_after]

    def step() -> int:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    class Doomed(sqlite3.Connection):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self.set_progress_handler(step, STEPS)

    connect = sqlite3.connect
    vars(sqlite3)["connect"] = lambda *arguments, **named: connect(*arguments, **{**named, "factory": Doomed})
    migrate(Path(path), known_migrations())


def writing(path: Path) -> tuple[BaseProcess, Connection]:
    """Begin a program that tells stories without end, and says the id of each once it is stored."""
    reading, saying = _FORKING.Pipe(duplex=False)
    process = _FORKING.Process(target=_write, args=(str(path), saying))
    process.start()
    saying.close()
    return process, reading


def _write(path: str, saying: Connection) -> None:
    async def write() -> None:
        async with StoryStore.open(path) as store:
            number = 0
            while True:
                number += 1
                story, _ = await told(store, f"Prompt {number}", f" and text {number}." * 50)
                saying.send(story.id)

    asyncio.run(write())

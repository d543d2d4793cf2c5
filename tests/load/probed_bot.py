"""``python -m tests.load.probed_bot FILE``: ``storybot run`` with one task more, which measures it from inside.

Once a second it adds a line of JSON to the file: how late the event loop was, and how much memory the process has.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.load.loop_delay import LoopDelay


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """What the probe saw in one second of the bot."""

    at: float
    """Seconds since 1970."""
    delays: tuple[float, ...]
    """Of the event loop, in seconds."""
    memory: int
    """Of the process, in bytes (resident)."""
    tasks: int
    """Of the event loop."""


def read_probe(file: Path) -> list[Second]:
    """Read what a probe has written; the last line may be half of one."""
    return list(_seconds(file.read_text(encoding="utf-8").splitlines())) if file.exists() else []


def _seconds(lines: Iterable[str]) -> Iterable[Second]:
    for line in lines:
        try:
            fields: dict[str, Any] = json.loads(line)
        except ValueError:
            return
        yield Second(**{**fields, "delays": tuple(fields["delays"])})


class Probe:
    """Writes the file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._delays: list[float] = []
        self._process = psutil.Process()
        self._written = time.monotonic()

    async def run(self) -> None:
        """Measure, for ever."""
        await LoopDelay(self._note).watch()

    def _note(self, delay: float) -> None:
        self._delays.append(round(delay, 5))
        if time.monotonic() - self._written >= 1:
            self._written = time.monotonic()
            self._write()

    def _write(self) -> None:
        line = {
            "at": time.time(),
            "delays": self._delays,
            "memory": self._process.memory_info().rss,
            "tasks": len(asyncio.all_tasks()),
        }
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self._delays = []


async def _run(file: Path) -> None:
    from bot.config import load_config
    from bot.run import run_bot

    probe = asyncio.create_task(Probe(file).run())
    try:
        await run_bot(load_config())
    finally:
        probe.cancel()


if __name__ == "__main__":
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    asyncio.run(_run(Path(sys.argv[1])))

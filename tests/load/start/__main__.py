"""``python -m tests.load.start [runs]``: how long a bot takes from its process's first moment until people can come.

"acknowledges" is until a ``/ping`` has its answer, "has its model" until the log says so. Each run has a database and
a folder of its own, so nothing is remembered but what the system keeps of files; ``STORY_DTYPE`` and the like hold.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bot.playground import Playground
from tests.load.crowd import bot_process

RUNS = 5
ACKNOWLEDGES_WITHIN = 3.0
MODEL_WITHIN = 10.0
LOADED = " is ready: "
LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Seconds from the start of the process."""

    acknowledges: float
    model: float


async def one_start(**settings: str) -> Start:
    """Start a bot with an empty database and stop it again."""
    with tempfile.TemporaryDirectory() as folder:
        async with Playground() as playground:
            ada = playground.add_user("Ada")
            began = time.monotonic()
            async with bot_process(playground, Path(folder), **settings):
                asked = await playground.slash(ada, "ping", {})
                await asked.acknowledged(60.0)
                acknowledges = time.monotonic() - began
                model = await _loaded(Path(folder) / "bot.log") - began
    return Start(acknowledges=acknowledges, model=model)


async def _loaded(log: Path) -> float:
    async with asyncio.timeout(120):
        while LOADED not in await asyncio.to_thread(log.read_text, encoding="utf-8"):  # noqa: ASYNC110 - a file
            await asyncio.sleep(LOOK_SECONDS)
    return time.monotonic()


async def measure(runs: int) -> int:
    """Print each start and the medians; give 1 where a median is above its bar."""
    print("start   acknowledges s   has its model s")
    starts = []
    for number in range(1, runs + 1):
        starts.append(await one_start())
        print(f"{number:5}   {starts[-1].acknowledges:14.2f}   {starts[-1].model:15.2f}")
    medians = (
        statistics.median(start.acknowledges for start in starts),
        statistics.median(start.model for start in starts),
    )
    print(f"median  {medians[0]:14.2f}   {medians[1]:15.2f}")
    print(f"bar     {ACKNOWLEDGES_WITHIN:14.2f}   {MODEL_WITHIN:15.2f}")
    return int(medians[0] > ACKNOWLEDGES_WITHIN or medians[1] > MODEL_WITHIN)


if __name__ == "__main__":
    sys.exit(asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)))

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

import psutil

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
    computed: float
    """What the process has had of the processors until its model was there: on an idle machine it waits for little."""


async def one_start(**settings: str) -> Start:
    """Start a bot with an empty database and stop it again."""
    with tempfile.TemporaryDirectory() as folder:
        async with Playground() as playground:
            ada = playground.add_user("Ada")
            began = time.monotonic()
            async with bot_process(playground, Path(folder), **settings) as process:
                asked = await playground.slash(ada, "ping", {})
                await asked.acknowledged(60.0)
                acknowledges = time.monotonic() - began
                model = await _loaded(Path(folder) / "bot.log") - began
                times = psutil.Process(process.pid).cpu_times()
    return Start(acknowledges=acknowledges, model=model, computed=times.user + times.system)


async def _loaded(log: Path) -> float:
    async with asyncio.timeout(120):
        while LOADED not in await asyncio.to_thread(log.read_text, encoding="utf-8"):  # noqa: ASYNC110 - a file
            await asyncio.sleep(LOOK_SECONDS)
    return time.monotonic()


async def measure(runs: int) -> int:
    """Print each start and the medians; give 1 where a median is above its bar."""
    print("start    acknowledges s   has its model s   processor s")
    starts = []
    for number in range(1, runs + 1):
        starts.append(await one_start())
        _print_row(str(number), starts[-1])
    median = Start(
        acknowledges=statistics.median(start.acknowledges for start in starts),
        model=statistics.median(start.model for start in starts),
        computed=statistics.median(start.computed for start in starts),
    )
    _print_row("median", median)
    print(f"{'bar':8} {ACKNOWLEDGES_WITHIN:14.2f}   {MODEL_WITHIN:15.2f}")
    load = psutil.getloadavg()[0]
    print(f"{psutil.cpu_count()} processors, of which other programs and this one wanted {load:.1f} in the last minute")
    return int(median.acknowledges > ACKNOWLEDGES_WITHIN or median.model > MODEL_WITHIN)


def _print_row(name: str, start: Start) -> None:
    print(f"{name:8} {start.acknowledges:14.2f}   {start.model:15.2f}   {start.computed:11.2f}", flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)))

"""``python -m tests.load [people] [max_length]``: how long people wait when many come at once."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from pathlib import Path

from bot.playground import Playground
from tests.load.crowd import bot_process, crowd


async def measure(people: int, max_length: int) -> None:
    """Print a table of what so many people met who came at the same moment."""
    with tempfile.TemporaryDirectory() as folder:
        async with Playground() as playground, bot_process(playground, Path(folder)):
            await crowd(playground, 1, prompt="Batman is hunting down", max_length=30)  # until the model is loaded
            visits = await crowd(playground, people, prompt="Batman is hunting down", max_length=max_length)
            late = len(playground.late_heartbeats)
            limited = sum(request.status == 429 for request in playground.requests)
    print(f"{people} people at once, {max_length} tokens each; late heartbeats {late}, 429s {limited}; seconds:")
    for name in ("acknowledged", "first_words", "finished"):
        times = sorted(getattr(visit, name) for visit in visits)
        p95 = times[min(round(len(times) * 0.95), len(times) - 1)]
        print(f"  {name:13} median {statistics.median(times):6.2f}   p95 {p95:6.2f}   max {times[-1]:6.2f}")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    asyncio.run(measure(*(numbers + [20, 200][len(numbers) :])))

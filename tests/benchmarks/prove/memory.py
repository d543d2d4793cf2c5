"""Memory stays flat over many stories: the process's own, noted now and then, in a process that does nothing else.

``python -m tests.benchmarks.prove.memory CHECKPOINT FORMAT STORIES MOST_MB`` fails where it grows or is too much.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

import psutil

from tests.benchmarks.case import Setup
from tests.benchmarks.engines.ours import Made, local_engine, tell, until_ready
from tests.benchmarks.prove.recipes import ROWS, recipes

_GROWTH_MB = 20.0
_TOKENS = 30
_NOTES = 10
_SOME = 3


async def memory_over(setup: Setup, stories: int) -> list[float]:
    """Give the megabytes after each tenth of so many stories, which come eight at a time."""
    made: list[Made] = []
    noted: list[float] = []
    asks = [replace(ask, options=replace(ask.options, max_new_tokens=_TOKENS)) for ask in recipes(stories)]
    async with local_engine(setup, made) as engine:
        await until_ready(engine)
        for start in range(0, stories, ROWS):
            await asyncio.gather(*(tell(engine, ask, 0.0) for ask in asks[start : start + ROWS]))
            if (start + ROWS) * _NOTES // stories > len(noted):
                noted.append(psutil.Process().memory_info().rss / 1e6)
    return noted


def main() -> None:
    """Try one format with one checkpoint."""
    checkpoint, dtype, stories, most = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    setup = Setup(engine="storybot", checkpoint=checkpoint, cache="", dtype=dtype, most_stories=ROWS)
    noted = asyncio.run(memory_over(setup, stories))
    # The least of some: a single note also has what the stories of that moment take.
    grown = min(noted[-_SOME:]) - min(noted[:_SOME])
    shown = ", ".join(f"{each:.0f}" for each in noted)
    head = f"{checkpoint}, {dtype}: MB after each tenth of {stories} stories"
    print(f"{head}: {shown}; grown by {grown:.1f}")  # noqa: T201 - a command prints
    sys.exit(0 if grown < _GROWTH_MB and max(noted) < most else 1)


if __name__ == "__main__":
    main()

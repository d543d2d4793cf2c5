"""How good waiting times are: what everyone was told first, against how long it was, just after the start and later.

``python -m tests.benchmarks.prove.waits CHECKPOINT FORMAT PEOPLE TOKENS`` prints them and fails where the
median is off by more than 30 %. Measured at the engine, since what people read is rounded.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from dataclasses import replace
from random import Random

from storygen.engines.local import LocalEngine
from storygen.sampling import SamplingOptions
from storygen.story import StoryRequest
from tests.benchmarks.engines.ours import until_ready
from tests.benchmarks.prove.recipes import recipes

ROWS = 8
_WORTH_SAYING = 1.0
"""Seconds: who waits less is told nothing of use."""
_MOST_ERROR = 0.3
_BURSTS = 3


async def errors_of_bursts(checkpoint: str, dtype: str, people: int, tokens: int) -> list[list[float]]:
    """Give the errors of what was told first, as parts of what came, for one burst of people after the other."""
    errors = []
    async with LocalEngine(checkpoint, rows=ROWS, queue_limit=people, dtype=dtype) as engine:
        await until_ready(engine)
        for burst in range(_BURSTS):
            waits = await asyncio.gather(*(_wait(engine, request) for request in _requests(people, tokens, burst)))
            errors.append([abs(said - met) / met for said, met in waits if met > _WORTH_SAYING])
            said, met = (statistics.median(some) for some in zip(*waits, strict=True))
            print(f"  burst {burst + 1}: median said {said:.1f} s, met {met:.1f} s")  # noqa: T201 - a command prints
    return errors


def _requests(people: int, tokens: int, burst: int) -> list[StoryRequest]:
    """Give what people ask for: their prompts differ, their options are the defaults, none has a turn before others."""
    random = Random(burst)  # noqa: S311 - a repeatable measurement
    options = replace(SamplingOptions(), max_new_tokens=tokens)
    return [
        StoryRequest(genre=ask.genre, prompt=ask.prompt, options=options, seed=random.randrange(2**31), user=number)
        for number, ask in enumerate(recipes(people))
    ]


async def _wait(engine: LocalEngine, request: StoryRequest) -> tuple[float, float]:
    """Give the seconds that were told first, and those until the story's turn came."""
    began = time.monotonic()
    said: float | None = None
    async with engine.submit(request) as generation:
        while generation.position and not generation.done:
            await generation.changed()
            if said is None and generation.position:
                said = generation.waiting_seconds
        met = time.monotonic() - began
        await generation.ended()
    return said or 0.0, met


def main() -> None:
    """Try one checkpoint."""
    checkpoint, dtype, people, tokens = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    errors = [statistics.median(each) for each in asyncio.run(errors_of_bursts(checkpoint, dtype, people, tokens))]
    shown = ", ".join(f"{each:.0%}" for each in errors)
    print(f"{checkpoint}, {dtype}, {people} people: median error of bursts: {shown}")  # noqa: T201 - a command prints
    sys.exit(0 if max(errors) <= _MOST_ERROR else 1)


if __name__ == "__main__":
    main()

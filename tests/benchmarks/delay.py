"""How late the event loop is while stories are written and another worker's model loads: ticks of 10 ms beside them.

``python -m tests.benchmarks.delay SECONDS '{"engine": "storybot", …}'`` prints the delays as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from dataclasses import replace
from typing import Any

from storygen.engines.loading import load_writer
from storygen.engines.local import LocalEngine
from storygen.engines.story_writer import StoryWriter
from storygen.story import StoryRequest
from tests.benchmarks.case import Case, Setup
from tests.benchmarks.engines.ours import until_ready
from tests.benchmarks.figures import percentile
from tests.benchmarks.workload import Ask, asks

TICK_SECONDS = 0.01
STORIES = 8
LOADS = 5
"""The second worker loads its model so often: once takes less than a second, too few ticks for a hundredth."""
_TOKENS = 800


async def tick(delays: list[float], enough: Any) -> None:
    """Note by how much each tick came too late, until ``enough()``."""
    loop = asyncio.get_running_loop()
    while not enough():
        due = loop.time() + TICK_SECONDS
        await asyncio.sleep(TICK_SECONDS)
        delays.append(loop.time() - due)


async def measure(setup: Setup, beside_seconds: float) -> dict[str, Any]:
    """Give the delays so many seconds beside running stories, and then while a second worker's model loads."""
    gate, loads = threading.Event(), []

    def load() -> StoryWriter:
        loads.append(1)
        times = 1
        if len(loads) > 1:
            gate.wait()
            times = LOADS
        for _ in range(times):
            writer = load_writer(setup.checkpoint, device="cpu", rows=STORIES, threads=setup.threads, dtype=setup.dtype)
        loads.append(1)
        return writer

    async with LocalEngine(setup.checkpoint, workers=2, rows=STORIES, queue_limit=1000, load=load) as engine:
        await until_ready(engine)
        case = Case(stories=STORIES, mixed=True, tokens=_TOKENS)
        telling = [asyncio.create_task(_tell_on(engine, ask)) for ask in asks(case)]
        while not engine.status().running:  # noqa: ASYNC110 - the engine has no event for it
            await asyncio.sleep(TICK_SECONDS)
        loop = asyncio.get_running_loop()
        beside, loading = list[float](), list[float]()
        ends = loop.time() + beside_seconds
        await tick(beside, lambda: loop.time() >= ends)
        gate.set()
        await tick(loading, lambda: len(loads) >= 4)
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)
    return {"writing": _summed_up(beside), "loading": _summed_up(loading), "stories": STORIES}


async def _tell_on(engine: LocalEngine, ask: Ask) -> None:
    """Let a story be written again and again, so that there are always as many."""
    options = replace(ask.options, max_new_tokens=_TOKENS)
    while True:
        request = StoryRequest(genre=ask.genre, prompt=ask.prompt, options=options, seed=ask.seed)
        async with engine.submit(request) as generation:
            async for _ in generation:
                pass


def _summed_up(delays: list[float]) -> dict[str, float]:
    """Give percentiles in milliseconds."""
    in_ms = [1000 * delay for delay in delays]
    percents = {"p50": 50, "p99": 99, "max": 100}
    return {name: percentile(in_ms, percent) for name, percent in percents.items()} | {"ticks": len(in_ms)}


def main() -> None:
    """Answer on what was standard output; what libraries print goes where errors go."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    setup = Setup(**json.loads(sys.argv[-1]))
    answers.write(json.dumps(asyncio.run(measure(setup, float(sys.argv[1])))) + "\n")
    answers.flush()
    os._exit(0)


if __name__ == "__main__":
    main()

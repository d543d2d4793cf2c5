"""How fast a server of completions writes for the bot, or, without one, the bot's own engine.

``python -m tests.benchmarks.served CHECKPOINT --url http://127.0.0.1:8000/v1`` and, when the server is gone, the same
without ``--url``: a server that waits actively would slow the engine down. It prints tokens a second of all stories
together, and seconds until the first words (median), for three rounds of 1, 8 and 32 stories.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from dataclasses import replace

from storygen.engine import Engine
from storygen.engines.local import LocalEngine
from storygen.engines.remote import RemoteEngine, RemoteOptions
from storygen.sampling import SamplingOptions
from storygen.story import StoryRequest
from tests.benchmarks.engines.ours import until_ready

STORIES = (1, 8, 32)
ROUNDS = 3
TOKENS = 100
ASK = StoryRequest(
    genre="horror",
    prompt="In the old house a child heard the walls breathe, and",
    options=SamplingOptions(max_new_tokens=TOKENS),
    seed=0,
)


async def _told(engine: Engine, seed: int) -> tuple[int, float]:
    """Give a story's tokens, and the seconds until its first words."""
    async with engine.submit(replace(ASK, seed=seed, user=seed)) as generation:
        story = await generation.story()
    first = generation.first_words_at
    return story.new_tokens, 0.0 if first is None else first - generation.asked_at


async def _round(engine: Engine, stories: int, first_seed: int) -> str:
    began = time.monotonic()
    told = await asyncio.gather(*(_told(engine, first_seed + number) for number in range(stories)))
    speed = sum(tokens for tokens, _ in told) / (time.monotonic() - began)
    return f"{speed:8.0f} tokens a second, first words after {statistics.median(wait for _, wait in told):.3f} s"


async def _measure(engine: Engine) -> None:
    for stories in STORIES:
        await _round(engine, stories, 10_000)  # the first round warms up
        for number in range(ROUNDS):
            print(f"{stories:3} stories: {await _round(engine, stories, 1000 * number)}")  # noqa: T201 - a command prints


async def main() -> None:
    """Measure one of the two."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.served", description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("--url", help="of a server that runs the same checkpoint, with /v1")
    parser.add_argument("--key", default="")
    parser.add_argument("--dtype", default="auto", help="of the bot's own engine")
    parser.add_argument("--threads", type=int, default=0)
    wanted = parser.parse_args()
    if wanted.url:
        options = RemoteOptions(base_urls=(wanted.url,), api_key=wanted.key, at_once=max(STORIES))
        async with RemoteEngine(wanted.checkpoint, options) as remote:
            await _measure(remote)
        return
    async with LocalEngine(wanted.checkpoint, rows=max(STORIES), threads=wanted.threads, dtype=wanted.dtype) as local:
        await until_ready(local)
        await _measure(local)


if __name__ == "__main__":
    asyncio.run(main())

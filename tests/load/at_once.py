"""``python -m tests.load.at_once [people] [max_length]``: how long people wait who all come at the same moment."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.playground import Playground
from tests.load.crowd import Promise, Visit, bot_process, crowd


async def measure(people: int, max_length: int) -> None:
    """Print a table of what so many people met who came at the same moment, twice.

    The first time the bot has told nothing yet and can only guess how long they will wait; then it knows its stories.
    """
    with tempfile.TemporaryDirectory() as folder:
        async with Playground() as playground, bot_process(playground, Path(folder)):
            await crowd(playground, 1, prompt="Batman is hunting down", max_length=30)  # until the model is loaded
            for when in ("just started", "after these"):
                visits = await crowd(playground, people, prompt="Batman is hunting down", max_length=max_length)
                print(f"{when}: {people} people at once, {max_length} tokens each; seconds:")
                _print_times(visits)
            late = len(playground.late_heartbeats)
            limited = sum(request.status == 429 for request in playground.requests)
    print(f"late heartbeats {late}, 429s {limited}")


def _print_times(visits: Sequence[Visit]) -> None:
    for name in ("acknowledged", "first_words", "finished"):
        times = sorted(getattr(visit, name) for visit in visits)
        p95 = times[min(round(len(times) * 0.95), len(times) - 1)]
        print(f"  {name:13} median {statistics.median(times):6.2f}   p95 {p95:6.2f}   max {times[-1]:6.2f}")
    print("  promised by the cards, against the seconds until words were shown:")
    every = [promise for visit in visits for promise in visit.promises]
    _print_promises("first promise", [visit.promises[0] for visit in visits if visit.promises])
    _print_promises("every promise", every)
    _print_promises("10 s or more", [promise for promise in every if promise.met >= 10])


def _print_promises(name: str, promises: Sequence[Promise]) -> None:
    if not promises:
        print(f"  {name:13} none")
        return
    said, met, errors = (
        statistics.median(getattr(promise, what) for promise in promises) for what in ("said", "met", "error")
    )
    print(f"  {name:13} {len(promises):4}: median said {said:6.2f}, met {met:6.2f}, error {errors:4.0%}")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    asyncio.run(measure(*(numbers + [20, 200][len(numbers) :])))

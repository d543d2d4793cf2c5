"""One run: a playground, the bot as a process of its own on it, people, and the tables of what came of it."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path

from bot.playground import Playground
from tests.load.crowd import bot_process, crowd
from tests.load.ledger import Ledger, percentile, row, slope
from tests.load.loop_delay import LoopDelay
from tests.load.people import People
from tests.load.probed_bot import Second, read_probe

MIB = 2**20
WARM_PART = 0.25
"""Of the run; memory is held against what it was after that, when caches are full."""
FLAT_MIB_PER_HOUR = 10.0
SOONEST_SLOPE_MINUTES = 30.0
"""A shorter run says nothing about an hour."""
ACKNOWLEDGED_SECONDS = 1.0


async def measure(
    options: argparse.Namespace, settings: Mapping[str, str], meanwhile: Callable[[], Awaitable[None]] | None = None
) -> int:
    """Run it all and print the tables; give the exit code. ``meanwhile`` runs beside it."""
    own_delays: list[float] = []
    async with _watched(own_delays):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            probe = folder / "probe.jsonl"
            command = (sys.executable, "-m", "tests.load.probed_bot", str(probe))
            async with (
                Playground() as playground,
                bot_process(playground, folder, command=command, **settings),
            ):
                await crowd(playground, 1, prompt="Batman is hunting down", max_length=30)  # until the model is loaded
                people = People(
                    playground, options.people, options.servers, max_length=options.max_length, seed=options.seed
                )
                begun = time.time()
                own_delays.clear()
                forgetting = asyncio.create_task(_count_429s(playground))
                beside = asyncio.ensure_future(meanwhile()) if meanwhile else None
                await people.come(options.minutes * 60, options.per_minute)
                if beside is not None:
                    await beside
                forgetting.cancel()
                limited = await forgetting
                seconds = [second for second in read_probe(probe) if second.at >= begun]
                late = [heartbeat.seconds for heartbeat in playground.late_heartbeats]
                log = (folder / "bot.log").read_text(encoding="utf-8", errors="replace")
    for line in _report(options, people.ledger, seconds, own_delays):
        print(line)
    print(f"heartbeats late: {len(late)}   answers of 429: {limited}   tracebacks in the log: {log.count('Traceback')}")
    if options.log is not None:
        options.log.write_text(log, encoding="utf-8")
    return _verdict(people.ledger, late, seconds, options.minutes)


@asynccontextmanager
async def _watched(delays: list[float]) -> AsyncIterator[None]:
    watching = asyncio.create_task(LoopDelay(delays.append).watch())
    try:
        yield
    finally:
        watching.cancel()


async def _count_429s(playground: Playground) -> int:
    """Count refused requests until cancelled; forget the record, which would grow in a long run."""
    limited = 0
    try:
        while True:
            limited += sum(request.status == 429 for request in playground.requests)
            playground.requests.clear()
            await asyncio.sleep(5)
    except asyncio.CancelledError:
        return limited + sum(request.status == 429 for request in playground.requests)


def _report(
    options: argparse.Namespace, ledger: Ledger, seconds: Sequence[Second], own_delays: Sequence[float]
) -> Iterator[str]:
    yield (
        f"{options.people} people on {options.servers} servers, {options.per_minute:g} times a minute each, for "
        f"{options.minutes:g} minutes; stories of about {options.max_length} tokens; {' '.join(options.set)}"
    )
    yield from ledger.lines()
    yield f"{'event loop, ms late':20} {'count':>6} {'p50':>8} {'p95':>8} {'p99':>8} {'max':>8}"
    yield row("the bot's", (delay for second in seconds for delay in second.delays), 1000)
    yield row("this generator's", own_delays, 1000)
    yield "minute   memory MiB   tasks   worst delay ms"
    for minute, of_minute in groupby(seconds, key=lambda second: int((second.at - seconds[0].at) / 60)):
        some = list(of_minute)
        worst = max((delay for second in some for delay in second.delays), default=0.0) * 1000
        memory = percentile(sorted(second.memory for second in some), 0.5) / MIB
        yield f"{minute + 1:6} {memory:12.1f} {some[-1].tasks:7} {worst:16.0f}"
    yield f"memory: {_growth(seconds):+.1f} MiB an hour after the first {WARM_PART:.0%} of the run"


def _growth(seconds: Sequence[Second]) -> float:
    """Give the slope of the memory in MiB an hour."""
    warm = seconds[int(len(seconds) * WARM_PART) :]
    return slope([(second.at / 3600, second.memory / MIB) for second in warm])


def _verdict(ledger: Ledger, late: Sequence[float], seconds: Sequence[Second], minutes: float) -> int:
    acknowledged = sorted(deed.acknowledged for deed in ledger.deeds if deed.acknowledged is not None)
    goals = {
        "no interaction lost": all(deed.lost is None for deed in ledger.deeds),
        "99 of 100 acknowledged within a second": percentile(acknowledged, 0.99) < ACKNOWLEDGED_SECONDS,
        "no heartbeat late": not late,
        "refused for a reason that is said": not any(
            "Something broke" in (deed.refused or "") for deed in ledger.deeds
        ),
    }
    if minutes >= SOONEST_SLOPE_MINUTES:
        goals["memory flat"] = _growth(seconds) < FLAT_MIB_PER_HOUR
    for goal, met in goals.items():
        print(f"{'met' if met else 'MISSED':7} {goal}")
    return 0 if all(goals.values()) else 1


def parser(program: str, description: str) -> argparse.ArgumentParser:
    """Give the options that every run has."""
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--servers", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--per-minute", type=float, default=1.0, help="how often each person comes")
    parser.add_argument("--max-length", type=int, default=100, help="tokens of a story, on average")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="for the bot")
    parser.add_argument("--log", type=Path, help="keep the bot's log in this file")
    return parser

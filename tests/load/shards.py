"""``python -m tests.load.shards 10000 --shards 4 --processes 2``: a bot on very many servers.

The processes are real, and the playground keeps Discord's pace of logins (5 s between two shards of a bucket). No
process loads a model: a stand-in server writes. What a server costs is the difference to as many processes on one
server alone. At the end somebody asks for a story on every shard, and gets one.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil

from bot.playground import Playground
from bot.playground.world import Channel
from tests.e2e.reading import finished
from tests.fakes.completions_server import CompletionsServer
from tests.load.crowd import one_of_several
from tests.load.loop_delay import LoopDelay
from tests.load.probed_bot import read_probe

MIB = 2**20
READY_SECONDS = 600.0
QUIET_SECONDS = 3.0
"""After the last server was announced, until the memory is looked at; discord.py waits 2 s for more of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a start with so many servers took; times in seconds since the processes were started."""

    servers: int
    logged_in: float
    """Every shard has been told READY and all of its servers."""
    seen: float
    """Every process says that it is ready, with all of its servers."""
    memory: tuple[int, ...]
    """Of each process, in bytes."""
    worst_delays: tuple[float, ...]
    """Of each process's event loop, in seconds."""
    refused: int
    """Logins that came too soon."""
    answered: float
    """The slowest acknowledgement of the stories at the end."""
    own_delay: float


async def start(servers: int, options: argparse.Namespace) -> Outcome:
    """Start all processes, wait until they serve, and let somebody ask on every shard."""
    shares = _shares(options.shards, options.processes)
    own_delays = [0.0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            Playground(
                shards=options.shards, max_concurrency=options.max_concurrency, identify_seconds=5.0
            ) as playground,
            CompletionsServer() as writer,
            AsyncExitStack() as processes,
        ):
            places = _settle(playground, servers, options)
            watching = asyncio.create_task(LoopDelay(own_delays.append).watch())
            begun = time.monotonic()
            running = [
                await processes.enter_async_context(
                    one_of_several(
                        playground,
                        folder,
                        command=(sys.executable, "-m", "tests.load.probed_bot", str(folder / f"{share}.jsonl")),
                        log=f"{share}.log",
                        SHARD_COUNT=str(options.shards),
                        SHARD_IDS=share,
                        STORY_ENGINE="remote",
                        REMOTE_BASE_URL=writer.url,
                        REMOTE_GENRES="horror",
                    )
                )
                for share in shares
            ]
            await playground.bot_ready(READY_SECONDS)
            logged_in = time.monotonic() - begun
            await _all_say_ready([folder / f"{share}.log" for share in shares])
            seen = time.monotonic() - begun
            await asyncio.sleep(QUIET_SECONDS)
            memory = tuple(psutil.Process(process.pid).memory_info().rss for process in running)
            answered = await _ask(playground, places)
            watching.cancel()
            return Outcome(
                servers=servers,
                logged_in=logged_in,
                seen=seen,
                memory=memory,
                worst_delays=tuple(_worst_delay(folder / f"{share}.jsonl") for share in shares),
                refused=playground.gateway.limits.refused,
                answered=answered,
                own_delay=max(own_delays),
            )


async def _all_say_ready(logs: Sequence[Path]) -> None:
    while not all("logged in as" in log.read_text(encoding="utf-8") for log in logs):  # noqa: ASYNC110 - of a process
        await asyncio.sleep(0.1)


def _shares(shards: int, processes: int) -> list[str]:
    """Give SHARD_IDS for each process: neighbours together, as even as it goes."""
    edges = [round(number * shards / processes) for number in range(processes + 1)]
    return [f"{begin}-{end - 1}" for begin, end in pairwise(edges)]


def _settle(playground: Playground, servers: int, options: argparse.Namespace) -> list[Channel]:
    """Make the servers with their channels; give one channel on every shard."""
    places: dict[int, Channel] = {0: playground.channel}
    for number in range(servers - 1):  # the playground has one from the beginning
        guild = playground.world.add_guild(f"Server {number}")
        for channel in range(options.channels):
            place = playground.world.add_channel(f"channel-{channel}", guild=guild)
            places.setdefault((guild.id >> 22) % options.shards, place)
    return list(places.values())


async def _ask(playground: Playground, places: list[Channel]) -> float:
    worst = 0.0
    for place in places:
        asked = await playground.slash(
            playground.add_user("Ada"), "story", {"genre": "horror", "prompt": "The lake was still"}, channel=place
        )
        worst = max(worst, await asked.acknowledged())
        await finished(asked)
    return worst


def _worst_delay(probe: Path) -> float:
    return max((delay for second in read_probe(probe) for delay in second.delays), default=0.0)


async def measure(options: argparse.Namespace) -> None:
    """Print what it takes on one server and on all of them."""
    bare = await start(1, options)
    full = await start(options.servers, options)
    print(
        f"{options.servers:,} servers of {options.channels} channels on {options.shards} shards in "
        f"{options.processes} processes; max_concurrency {options.max_concurrency}"
    )
    for outcome in (bare, full):
        memory = ", ".join(f"{some / MIB:.0f}" for some in outcome.memory)
        delays = ", ".join(f"{some * 1000:.0f}" for some in outcome.worst_delays)
        print(f"with {outcome.servers:,} server{'s' * (outcome.servers > 1)}:")
        print(f"  logged in after {outcome.logged_in:.1f} s, ready after {outcome.seen:.1f} s")
        print(f"  memory of each process, MiB: {memory}")
        print(f"  event loops at worst, ms late: {delays}; this generator's {outcome.own_delay * 1000:.0f}")
        print(f"  logins refused: {outcome.refused}")
        print(f"  a story on each shard, acknowledged within {outcome.answered * 1000:.0f} ms")
    grown = sum(full.memory) - sum(bare.memory)
    print(f"a server takes {grown / max(options.servers - 1, 1) / 1024:.1f} KiB")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.load.shards", description=__doc__)
    parser.add_argument("servers", type=int, nargs="?", default=10_000)
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--channels", type=int, default=20, help="of each server")
    parser.add_argument("--max-concurrency", type=int, default=1, help="shards that may log in every 5 seconds")
    return parser


if __name__ == "__main__":
    asyncio.run(measure(_parser().parse_args()))

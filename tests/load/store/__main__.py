"""``python -m tests.load.store 10000``: what the store takes for lookups, deletions and writing with so many stories.

Each process that writes is a real one.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio import gather
from collections.abc import Awaitable, Callable
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store import StoryStore
from tests.fakes.full_database import GUILD, full_database
from tests.load.ledger import percentile
from tests.load.store.writing import AT_ONCE

TIMES = 15
WRITING_SECONDS = 8.0


async def measure(path: Path) -> None:
    """Print what each takes: the best and the median of several times, in milliseconds."""
    async with StoryStore.open(path) as store:
        await _print("stories_of, newest", lambda: store.stories_of(1))
        await _print("stories_of, nothing found", lambda: store.stories_of(1, "not a word of it"))
        await _print("top", lambda: store.readers.top(GUILD, 0))
        await _print("random story", lambda: store.readers.random_story(GUILD))
        await _print("summary of one person", lambda: store.people.summary_of(1))
        await _print("delete a story for good", lambda: _delete_newest(store))
        await _print("forget one person", lambda: store.people.forget(1, words_in_others=True), times=1)


async def _delete_newest(store: StoryStore) -> None:
    await store.delete_story((await store.stories_of(1, limit=1))[0].id)


async def _print(name: str, act: Callable[[], Awaitable[object]], times: int = TIMES) -> None:
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        await act()
        took.append(1000 * (time.perf_counter() - begun))
    print(f"  {name:28} best {min(took):8.1f} ms   median {sorted(took)[times // 2]:8.1f} ms")


async def writes(folder: Path) -> None:
    """Print how many stories are written in a second, by one process and by several on the same file."""
    for processes in (1, 2, 4):
        path = folder / f"written-by-{processes}.sqlite3"
        took = sorted(chain.from_iterable(await gather(*(_written(path, shard) for shard in range(processes)))))
        print(
            f"  written by {processes}: {len(took) / WRITING_SECONDS:7.1f} stories a second (3 transactions each); "
            f"a story p50 {1000 * percentile(took, 0.5):.0f} ms, p99 {1000 * percentile(took, 0.99):.0f} ms, "
            f"max {1000 * took[-1]:.0f} ms"
        )


async def _written(path: Path, shard: int) -> list[float]:
    command = (sys.executable, "-m", "tests.load.store.writing", str(path), str(shard), str(WRITING_SECONDS))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    took: list[float] = json.loads(output)
    return took


def main(stories: int) -> None:
    """Measure with all stories of one person, and with those of 300."""
    with TemporaryDirectory() as folder:
        for owners in (1, 300):
            path = full_database(Path(folder) / f"{owners}.sqlite3", stories=stories, owners=owners)
            print(f"{stories:,} stories of {owners} people in {path.stat().st_size / 2**20:.0f} MiB")
            asyncio.run(measure(path))
        print(f"writing for {WRITING_SECONDS:.0f} s, {AT_ONCE} stories at a time in each process")
        asyncio.run(writes(Path(folder)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)

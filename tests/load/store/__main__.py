"""``python -m tests.load.store 10000``: how long lookups and deletions take with so many stories."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store import StoryStore
from tests.fakes.full_database import GUILD, full_database

TIMES = 15


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


def main(stories: int) -> None:
    """Measure with all stories of one person, and with those of 300."""
    with TemporaryDirectory() as folder:
        for owners in (1, 300):
            path = full_database(Path(folder) / f"{owners}.sqlite3", stories=stories, owners=owners)
            print(f"{stories:,} stories of {owners} people in {path.stat().st_size / 2**20:.0f} MiB")
            asyncio.run(measure(path))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)

"""``python -m tests.load.store.writing DATABASE SHARD SECONDS``: tells stories into a store as fast as it takes them.

A story is what one ``/story`` writes: the story with its passages, the message that shows it, and the end of the
passage; three transactions. It prints one line of JSON: how long each story took, in seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from bot.store import PassageState, StoryStore
from tests.fakes.stored_stories import WRITTEN, begun

AT_ONCE = 8
"""Stories that are told at the same time in one process, as by the default of STORY_ROWS."""


async def write(database: Path, shard: int, seconds: float) -> list[float]:
    """Give the seconds of each story."""
    took: list[float] = []
    async with StoryStore(database, shard=shard) as store:
        end = time.monotonic() + seconds
        await asyncio.gather(*(_tell(store, shard, end, took) for _ in range(AT_ONCE)))
    return took


async def _tell(store: StoryStore, owner: int, end: float, took: list[float]) -> None:
    while (started := time.monotonic()) < end:
        _, passage = await begun(store, "The lake was still.", owner_id=owner)
        await store.set_message(passage.id, 9, 9)
        await store.finish_passage(
            passage.id, text=WRITTEN.text * 40, state=PassageState.DONE, title="The lake", story=WRITTEN
        )
        took.append(time.monotonic() - started)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))))

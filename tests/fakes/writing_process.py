"""``python -m tests.fakes.writing_process DATABASE SHARD STORIES``: tells so many stories into a store, then waits.

It prints a line when it has the shard, and one when the last story is written but for one that it leaves unfinished.
Every tenth story it deletes again, for good.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.process_locks import ProcessLocks
from bot.store import StoryStore
from tests.fakes.stored_stories import begun, told


async def write(database: Path, shard: int, stories: int) -> None:
    with ProcessLocks(database).serving([shard]):
        async with StoryStore(database, shard=shard) as store:
            _say("serving")
            for number in range(stories):
                story, _ = await told(store, f"Story {number} of shard {shard}.", owner_id=shard)
                if number % 10 == 9:
                    await store.delete_story(story.id)
            await begun(store, f"Unfinished in shard {shard}.", owner_id=shard)
            _say("written")
            await asyncio.to_thread(sys.stdin.read)


def _say(word: str) -> None:
    print(word, flush=True)  # noqa: T201 - the process that started this one reads it


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))

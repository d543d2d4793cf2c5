"""``python -m tests.load.fairness``: how long each waits where one asks for a hundred stories and ten for one each."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.config import Config
from bot.store import StoryStore
from bot.storytelling.storyteller import Storyteller
from storygen.engines.local import LocalEngine
from tests.fakes.tiny_model import write_tiny_checkpoint
from tests.load.fairness.crowds import (
    BIG,
    HOG,
    OTHERS,
    REQUESTS,
    SMALL,
    Turn,
    many_against_few,
    one_against_ten,
    tell_all,
    turns,
)


async def measure() -> None:
    """Print the turns and waiting times of every crowd."""
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = str(write_tiny_checkpoint(Path(folder) / "tiny", eos_bias=-30))
        async with LocalEngine(checkpoint, rows=1, threads=1, queue_limit=200) as engine:
            served = await turns(engine, one_against_ten())
            print(f"one person asks for {REQUESTS} stories, then {len(OTHERS)} people for one each:")
            _print("the one", [turn for turn in served if turn.user == HOG])
            _print("the ten", [turn for turn in served if turn.user != HOG])
            print(f"  first come first served would give the ten the turns {REQUESTS + 1} to {REQUESTS + len(OTHERS)}")
            served = await turns(engine, many_against_few())
            print("40 people of one server ask for a story each, then 2 people of another:")
            _print("the 40", [turn for turn in served if turn.group == BIG])
            _print("the 2", [turn for turn in served if turn.group == SMALL])
        async with (
            LocalEngine(checkpoint, rows=1, threads=1) as engine,
            StoryStore.open(Path(folder) / "stories.sqlite3") as store,
        ):
            config = Config(moderation="off")
            order, refused = await tell_all(Storyteller(engine, store, config), engine)
            print(f"through the bot, which takes {config.stories_per_user} stories of one person at once:")
            print(f"  refused: {refused}; the others have the turns {[order.index(user) + 1 for user in OTHERS]}")
        async with LocalEngine(checkpoint, rows=1, threads=1, queue_limit=20, queue_share=0.5) as engine:
            served = await turns(engine, many_against_few())
            took = [sum(turn.group == group for turn in served) for group in (BIG, SMALL)]
            print(f"a queue of 20 with QUEUE_SHARE=0.5: {took[0]} of the 40 and {took[1]} of the 2 get in")


def _print(name: str, served: Sequence[Turn]) -> None:
    seconds = [turn.waiting_seconds for turn in served]
    told = ", ".join(str(turn.turn) for turn in served[:12]) + (", …" if len(served) > 12 else "")
    print(f"  {name}: turns {told}; waited {min(seconds):.2f} to {max(seconds):.2f} s")


if __name__ == "__main__":
    asyncio.run(measure())

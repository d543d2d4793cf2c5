"""The real bot in processes that begin in a moment, so that a test can afford to kill many of them.

They are forked from one that has imported everything already. Nothing in them is prepared for being killed.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.config import load_config
from bot.playground import Playground
from bot.run import run_bot

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload([__name__, "storygen.engines.loading", "storygen.engines.model_runner", "transformers"])

EDIT_SECONDS = 0.05
"""So that a story is killed between, before and in many edits."""


def _run(environment: Mapping[str, str], log: str) -> None:
    os.environ.update(environment)
    with Path(log).open("ab") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    asyncio.run(run_bot(load_config().model_copy(update={"edit_seconds": EDIT_SECONDS})))


@asynccontextmanager
async def killable_bot(playground: Playground, folder: Path, **settings: str) -> AsyncIterator[BaseProcess]:
    """Run the bot until the block ends, and kill it then."""
    environment = {
        "DISCORD_TOKEN": playground.token,
        "DISCORD_API_URL": playground.api_url,
        "DISCORD_GATEWAY_URL": playground.gateway_url,
        "DATABASE_PATH": str(folder / "stories.sqlite3"),
        "OMP_NUM_THREADS": "1",
        **settings,
    }
    await playground.bot_gone()
    process = _FORKING.Process(target=_run, args=(environment, str(folder / "bot.log")))
    await asyncio.to_thread(process.start)
    try:
        await playground.bot_ready(60.0)
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.join)
        process.close()

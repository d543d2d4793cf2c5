"""The real bot as a process of its own, logged in to a playground; its log goes to a file."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.playground.server import Playground

STOP_SECONDS = 30.0
LOG_LINES = 20
FAILED = 1
"""Exit code where the bot did not do what it was started for."""
BOT_COMMAND = (sys.executable, "-m", "bot", "run")


def new_log() -> Path:
    """Make an empty file for the bot's log and give its path."""
    handle, path = tempfile.mkstemp(prefix="storybot-", suffix=".log")
    os.close(handle)
    return Path(path)


def last_lines(log: Path) -> str:
    """Give the end of a log."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:])


def environment_for(playground: Playground, env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Give ``env`` with all that makes the bot log in to the playground; its database lies in ``folder``."""
    return {
        "DATABASE_PATH": str(folder / "stories.sqlite3"),
        **env,
        "DISCORD_TOKEN": playground.token,
        "DISCORD_API_URL": playground.api_url,
        "DISCORD_GATEWAY_URL": playground.gateway_url,
        "SHARD_COUNT": "1",  # whatever the real bot has
        "SHARD_IDS": "0",
    }


@asynccontextmanager
async def running_bot(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the bot and end it in every case: asked first, then killed."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=output, stderr=output,
        )  # fmt: skip
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()

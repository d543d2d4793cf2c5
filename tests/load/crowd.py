"""Many people at once, each with a ``/story``, against the bot as a process of its own."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.playground import Playground
from bot.playground.bot_process import BOT_COMMAND
from bot.playground.interactions import Interaction
from bot.playground.world import Message, User
from tests.e2e.reading import is_finished, shown_text

GENRES = ("superhero", "sci_fi", "horror", "action", "thriller", "drama")
PATIENCE_SECONDS = 300.0
_SAID = re.compile(r"in the queue, about (?P<number>a|\d+) (?P<unit>second|minute)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What the card said about the waiting time, and how long it was then until words were shown; in seconds."""

    said: float
    met: float

    @property
    def error(self) -> float:
        """How far off it was, as a part of what was met."""
        return abs(self.said - self.met) / self.met


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one person met. Times in seconds since they sent the command."""

    user: User
    acknowledged: float
    first_words: float
    finished: float
    message: Message
    promises: tuple[Promise, ...]


@asynccontextmanager
async def bot_process(
    playground: Playground, folder: Path, *, command: Sequence[str] = BOT_COMMAND, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``python -m bot run`` against ``playground`` with its database and its log in ``folder``."""
    await playground.bot_gone()  # a bot before this one may still seem connected
    async with one_of_several(playground, folder, command=command, **settings) as process:
        await playground.bot_ready(60.0)
        yield process


@asynccontextmanager
async def one_of_several(
    playground: Playground, folder: Path, *, command: Sequence[str] = BOT_COMMAND, log: str = "bot.log", **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run one process of a bot, perhaps beside others; whether it is ready is not waited for."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("STORY_", "DISCORD_", "SHARD_"))},
        "DISCORD_TOKEN": playground.token,
        "DISCORD_API_URL": playground.api_url,
        "DISCORD_GATEWAY_URL": playground.gateway_url,
        "DATABASE_PATH": str(folder / "stories.sqlite3"),
        # A tiny model writes noise, in which anything may stand.
        **({"MODERATION": "off"} if "STORY_MODEL" in settings else {}),
        **settings,
    }
    with (folder / log).open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def crowd(playground: Playground, people: int, *, prompt: str, max_length: int) -> list[Visit]:
    """Let so many people ask for a story at the same moment, and wait until each has theirs."""
    users = [playground.add_user(f"Visitor {number}") for number in range(people)]
    return await asyncio.gather(
        *(
            _visit(playground, user, {"genre": GENRES[number % 6], "prompt": prompt, "max_length": max_length})
            for number, user in enumerate(users)
        )
    )


async def _visit(playground: Playground, user: User, options: Mapping[str, str | int]) -> Visit:
    began = time.monotonic()
    asked = await playground.slash(user, "story", options)
    acknowledged = await asked.acknowledged()
    said: list[tuple[float, float]] = []

    def has_words(shown: Interaction) -> bool:
        seconds = _seconds_said(shown)
        if seconds is not None and (not said or said[-1][1] != seconds):
            said.append((time.monotonic() - began, seconds))
        return _has_words(shown)

    await asked.until(has_words, PATIENCE_SECONDS)
    first_words = time.monotonic() - began
    await asked.until(lambda shown: is_finished(shown.message), PATIENCE_SECONDS)
    assert asked.message is not None
    return Visit(
        user=user,
        acknowledged=acknowledged,
        first_words=first_words,
        finished=time.monotonic() - began,
        message=asked.message,
        promises=tuple(Promise(said=seconds, met=first_words - when) for when, seconds in said),
    )


def _seconds_said(asked: Interaction) -> float | None:
    """Read from the waiting card how long the wait will be."""
    said = _SAID.search(shown_text(asked.message)) if asked.message is not None else None
    if said is None:
        return None
    number = 1 if said["number"] == "a" else int(said["number"])
    return number * (60.0 if said["unit"].startswith("minute") else 1.0)


def _has_words(asked: Interaction) -> bool:
    message = asked.message
    return message is not None and (is_finished(message) or "▌" in shown_text(message))

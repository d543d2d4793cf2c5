"""``storybot try``: the real bot as a process of its own, logged in to a playground, and one story as a taste."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from bot.playground.bot_process import BOT_COMMAND, FAILED, environment_for, last_lines, new_log, running_bot
from bot.playground.changes import Watch
from bot.playground.client.pressing import buttons_of
from bot.playground.interactions import Interaction
from bot.playground.refusals import PlaygroundRefused
from bot.playground.server import Playground
from bot.playground.terminal.screen import draw
from bot.playground.terminal.terminal import FIRST_USER, play
from bot.playground.world import MANAGER_PERMISSIONS, Message, User

GENRE, PROMPT = "superhero", "Batman is hunting down"
"""What is asked for; a bot that does not offer this genre is asked for its first."""
LEAST_WORDS = 60
TRIES = 3
"""A small model ends early now and then; nobody would call the bot broken for that."""
READY_SECONDS = 120.0
STORY_SECONDS = 300.0


class _Trouble(Exception):
    """What went wrong, as a sentence."""


async def try_bot(
    *, interactive: bool, env: Mapping[str, str] | None = None, command: Sequence[str] = BOT_COMMAND
) -> int:
    """Start the bot against a playground, let it write one story, and, if ``interactive``, go on playing.

    ``env`` is the environment for the bot, by default this process's; ``command`` starts it.
    The answer is the exit code: 0 only if a story came that begins with the prompt and has at least 60 words.
    """
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="storybot-try-") as folder:
        log = new_log()
        async with Playground() as playground:
            environment = environment_for(playground, os.environ if env is None else env, Path(folder))
            console.print(f"A small Discord is on {playground.api_url}", markup=False, soft_wrap=True)
            console.print(f"The bot's log is in {log}", markup=False, soft_wrap=True)
            async with running_bot(command, environment, log) as process:
                try:
                    await _first_story(playground, process, console, interactive=interactive)
                    return await play(playground, interactive=True) if interactive else 0
                except (_Trouble, PlaygroundRefused) as trouble:
                    console.print(
                        f"{trouble}\nThe end of the bot's log, {log}:", style="red", markup=False, soft_wrap=True
                    )
                    console.print(last_lines(log), markup=False, soft_wrap=True)
                    return FAILED


async def _first_story(
    playground: Playground, process: asyncio.subprocess.Process, console: Console, *, interactive: bool
) -> None:
    """Let the first user ask for a story. Whoever sits at the terminal judges it; else one has to be long enough.

    Raises:
        _Trouble: when no story came, or, without a person to see it, none that is worth the name

    """
    await _or_gone(playground.bot_ready(READY_SECONDS), process, "The bot did not log in")
    user = playground.add_user(FIRST_USER, permissions=MANAGER_PERMISSIONS)
    for tries_left in reversed(range(TRIES)):
        problem = _problem_with(await _show_a_story(playground, user, process, console, transient=interactive))
        if interactive or problem is None:
            return
        if not tries_left:
            raise _Trouble(problem)
        console.print(f"{problem} Once more.", markup=False)


async def _show_a_story(
    playground: Playground, user: User, process: asyncio.subprocess.Process, console: Console, *, transient: bool
) -> Message:
    """Ask for a story and show it while it grows; ``transient``: ``play`` shows it further.

    Raises:
        _Trouble: when no story came

    """
    options = {"genre": genre_to_ask_for(playground.commands), "prompt": PROMPT}
    console.print(f"\n{user.name}> /story genre:{options['genre']} prompt:{PROMPT}", style="bold", markup=False)
    asked = await playground.slash(user, "story", options)
    with Live(console=console, auto_refresh=False, vertical_overflow="visible", transient=transient) as live:
        await _or_gone(_watch(playground, asked, live), process, "The story was not finished")
    if not console.is_terminal:
        console.print()  # Live ends its last line on a terminal only
    if asked.failed or asked.message is None:
        raise _Trouble(f"No story came. {asked.failed or ''}".strip())
    return asked.message


async def _watch(playground: Playground, asked: Interaction, live: Live) -> None:
    """Redraw at each change until the story has its buttons."""
    changes = Watch(lambda: 0 if asked.original is None else len(asked.original.history))
    while not asked.failed and not (asked.message and is_finished(asked.message)):
        await asked.until(lambda shown: shown.failed or changes.seen(), STORY_SECONDS)
        if asked.original is not None:
            live.update(draw(playground.world, [asked.original]), refresh=True)


async def _or_gone(doing: Coroutine[object, object, None], process: asyncio.subprocess.Process, problem: str) -> None:
    """Do something for as long as the bot lives.

    Raises:
        _Trouble: when the bot ended first, or it took too long

    """
    task, gone = asyncio.create_task(doing), asyncio.create_task(process.wait())
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise _Trouble(f"{problem}: it ended with exit code {process.returncode}.")
        await task
    except TimeoutError:
        raise _Trouble(f"{problem} in time.") from None
    finally:
        task.cancel()
        gone.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


def is_finished(message: Message) -> bool:
    """Whether a story can be continued: it has its buttons, and none to stop it."""
    labels = [button.get("label") for button in buttons_of(message) if not button.get("disabled")]
    return "Continue" in labels


def genre_to_ask_for(commands: Sequence[Mapping[str, Any]]) -> str:
    """Give the usual genre, or the first that ``/story`` offers where that is none of its choices."""
    story: Mapping[str, Any] = next((command for command in commands if command["name"] == "story"), {})
    options = (option for option in story.get("options", []) if option["name"] == "genre")
    offered = [str(choice["value"]) for option in options for choice in option.get("choices", [])]
    return GENRE if GENRE in offered or not offered else offered[0]


def story_text(message: Message) -> str:
    """Give the words of a story's message without its marks."""
    shown = "\n".join([message.content, *(embed.get("description") or "" for embed in message.embeds)])
    return re.sub(r"\\([\W_])|\*\*|\u200b", lambda match: match[1] or "", shown).strip()


def _problem_with(message: Message) -> str | None:
    text = story_text(message)
    if not text.startswith(PROMPT):
        return f"The story does not begin with “{PROMPT}”."
    words = len(text.split())
    return f"The story has {words} words; {LEAST_WORDS} were wanted." if words < LEAST_WORDS else None

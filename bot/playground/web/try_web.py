"""``storybot try --web``: the real bot as a process of its own, and a page of the browser to meet it on."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.playground.bot_process import BOT_COMMAND, FAILED, environment_for, last_lines, new_log, running_bot
from bot.playground.server import Playground
from bot.playground.web.site import Site


async def try_on_page(
    *, port: int = 0, env: Mapping[str, str] | None = None, command: Sequence[str] = BOT_COMMAND
) -> int:
    """Start the bot against a playground and show it on a local page until a signal asks to stop.

    ``port`` 0 takes a free one. The answer is the exit code: 0 when it was asked to stop, 1 when the bot ended.
    """
    console = Console(highlight=False)
    log = new_log()
    with tempfile.TemporaryDirectory(prefix="storybot-try-") as folder:
        async with _until_asked() as stop, Playground() as playground, Site(playground, port=port) as site:
            environment = environment_for(playground, os.environ if env is None else env, Path(folder))
            async with running_bot(command, environment, log) as process:
                console.print(_welcome(site, log), markup=False, soft_wrap=True)
                ended = asyncio.create_task(process.wait())
                either: set[asyncio.Future[Any]] = {stop, ended}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                stopped = stop.done()
                ended.cancel()
    if not stopped:
        console.print(f"The bot has ended. The end of its log, {log}:", style="red", markup=False, soft_wrap=True)
        console.print(last_lines(log), markup=False, soft_wrap=True)
    return 0 if stopped else FAILED


def _welcome(site: Site, log: Path) -> str:
    return (
        f"Open this page in a browser on this machine:\n\n    {site.address}\n\n"
        f"Whoever has the address can use the page. The bot's log is in {log}\nCtrl-C ends it."
    )


@asynccontextmanager
async def _until_asked() -> AsyncIterator[asyncio.Future[None]]:
    """Give a future that is done once Ctrl-C or a stop signal has come."""
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[None] = loop.create_future()

    def ask() -> None:
        if not stop.done():
            stop.set_result(None)

    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        with suppress(NotImplementedError):  # on Windows Ctrl-C is a KeyboardInterrupt
            loop.add_signal_handler(number, ask)
    try:
        yield stop
    finally:
        for number in signals:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)
        stop.cancel()

"""The terminal in front of the playground: type a command, watch the answer grow, press its buttons by number."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from io import StringIO

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout
from rich.console import Console, RenderableType
from rich.text import Text

from bot.playground.changes import Watch
from bot.playground.refusals import PlaygroundRefused
from bot.playground.server import Playground
from bot.playground.terminal.completion import CommandCompleter
from bot.playground.terminal.harmless import harmless
from bot.playground.terminal.player import HELP, Player, Quit
from bot.playground.terminal.screen import draw
from bot.playground.world import MANAGER_PERMISSIONS, User

FIRST_USER = "Ada"
# Without a person to wait, an answer counts as complete when it has stood still for so long.
STILL_SECONDS = 4.0
LINES_BELOW = 3  # of the screen, for the prompt and what completion shows


async def play(playground: Playground, *, interactive: bool, still_seconds: float = STILL_SECONDS) -> int:
    """Take slash commands and presses until the person leaves or the input ends; the exit code.

    Without ``interactive`` the lines come from the standard input, and each answer is printed once it stood
    still for ``still_seconds``.
    """
    console = Console(highlight=False)
    user = playground.world.people().get(FIRST_USER) or playground.add_user(FIRST_USER, permissions=MANAGER_PERMISSIONS)
    if not interactive:
        player = Player(playground, user, ask=_take_prefill)
        return await _read_lines(playground, player, console, still_seconds)
    return await _Screen(playground, user, console).run()


async def _take_prefill(_label: str, prefill: str) -> str:
    """Fill a field of a form where nobody can be asked."""
    return prefill


async def _read_lines(playground: Playground, player: Player, console: Console, still_seconds: float) -> int:
    while line := await asyncio.to_thread(sys.stdin.readline):
        console.print(f"[bold]{player.user.name}>[/bold] ", end="")
        console.print(harmless(line.rstrip("\n")), markup=False)
        try:
            if sentence := await player.do(line):
                console.print(harmless(sentence), markup=False)
            elif line.strip():
                await settled(playground, player, still_seconds)
                console.print(draw(playground.world, player.visible()))
        except PlaygroundRefused as refused:
            console.print(harmless(str(refused)), style="red", markup=False)
        except Quit:
            break
    return 0


async def settled(playground: Playground, player: Player, seconds: float) -> None:
    """Wait until what the player sees has not changed for so many seconds."""
    changes = Watch(lambda: _state(player))
    while True:
        try:
            await playground.until(changes.seen, seconds)
        except TimeoutError:
            if not any(message.loading for message in player.visible()):
                return


def _state(player: Player) -> list[tuple[int, int, bool]]:
    return [(message.id, len(message.history), message.loading) for message in player.visible()]


class _Screen:
    """The live screen: the latest answer stands above the line that is being typed, and grows there."""

    def __init__(self, playground: Playground, user: User, console: Console) -> None:
        self._playground = playground
        self._console = console
        self._session: PromptSession[str] = PromptSession(history=InMemoryHistory(), erase_when_done=True)
        self._player = Player(playground, user, ask=self._ask)
        self._live = False

    async def run(self) -> int:
        """Read lines until the person leaves."""
        self._console.print(HELP, markup=False, style="dim")
        with patch_stdout(raw=True):
            async with self._redrawing():
                while (line := await self._read()) is not None:
                    if not await self._turn(line):
                        break
                self._leave_behind(self._drawn())
        return 0

    async def _read(self) -> str | None:
        completer = CommandCompleter(self._player)
        self._live = True
        try:
            return await self._session.prompt_async(self._prompt, completer=completer, complete_while_typing=True)
        except (EOFError, KeyboardInterrupt):
            return None
        finally:
            self._live = False

    async def _turn(self, line: str) -> bool:
        """Do what a line says; what it pushes off the live screen stays above it for good."""
        messages, drawn = self._player.visible(), self._drawn()
        sentence, style, stay = None, "dim", True
        try:
            sentence = await self._player.do(line)
        except PlaygroundRefused as refused:
            sentence, style = str(refused), "red"
        except Quit:
            stay = False
        if not set(messages) <= set(self._player.visible()):
            self._leave_behind(drawn)
        self._console.print(harmless(f"{self._player.user.name}> {line}"), markup=False, style="bold")
        if sentence:
            self._console.print(harmless(sentence), markup=False, style=style)
        return stay

    def _leave_behind(self, drawn: list[str]) -> None:
        if drawn:
            self._console.print(Text.from_ansi("\n".join(drawn)), soft_wrap=True)

    def _drawn(self) -> list[str]:
        return _lines(draw(self._playground.world, self._player.visible()), self._console)

    def _prompt(self) -> ANSI:
        """Draw the live messages, as many of their last lines as fit, and the prompt."""
        shown = self._drawn()
        room = max(self._console.height - LINES_BELOW, 1)
        if len(shown) > room:
            shown = ["…", *shown[-room + 1 :]]
        return ANSI("\n".join([*shown, f"\x1b[1m{self._player.user.name}>\x1b[0m "]))

    async def _ask(self, label: str, prefill: str) -> str:
        try:
            answer: str = await self._session.prompt_async(f"{label}: ", default=prefill, completer=None)
        except (EOFError, KeyboardInterrupt):
            raise PlaygroundRefused("The form was left.") from None
        return answer

    @asynccontextmanager
    async def _redrawing(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._redraw(), name="redraw")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _redraw(self) -> None:
        changes = Watch(lambda: _state(self._player))
        while True:
            await self._playground.until(changes.seen, None)
            if self._live:
                self._session.app.invalidate()


def _lines(renderable: RenderableType, console: Console) -> list[str]:
    out = StringIO()
    width = console.width - 1
    Console(file=out, width=width, force_terminal=True, highlight=False).print(renderable)
    return out.getvalue().rstrip("\n").split("\n") if out.getvalue().strip() else []

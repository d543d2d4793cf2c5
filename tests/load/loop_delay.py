"""How late an event loop is: a task that sleeps a little, again and again, and notes how much longer it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PAUSE_SECONDS = 0.02


class LoopDelay:
    """Watches the running loop for as long as its ``watch`` runs."""

    def __init__(self, note: Callable[[float], None]) -> None:
        self._note = note

    async def watch(self) -> None:
        """Note each delay in seconds, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + PAUSE_SECONDS
            await asyncio.sleep(PAUSE_SECONDS)
            self._note(max(loop.time() - due, 0.0))

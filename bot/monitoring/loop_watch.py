"""Measures how late the event loop comes to what is due: what blocks it delays everybody."""

from __future__ import annotations

import asyncio

from bot.monitoring.metrics import Metrics

EVERY_SECONDS = 0.25


async def watch_loop(metrics: Metrics) -> None:
    """Sleep, and note how much too long it was. Runs until it is cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)
        metrics.loop_delay_seconds.observe(max(loop.time() - due, 0.0))

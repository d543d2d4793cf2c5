"""What happens between the bot and Discord: how soon interactions are acknowledged, and what Discord answers."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
from discord.ext import commands

from bot.monitoring.metrics import Metrics

_CALLBACK = re.compile(r"/interactions/(\d+)/[^/]+/callback$")
OPEN_LIMIT = 10_000
"""Interactions whose acknowledgement is waited for; older ones beyond that were never acknowledged."""
NO_ANSWER = "0"


class DiscordWatch:
    """Listens to discord.py's events and to its requests, through the places that it has for that."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._arrived: dict[int, float] = {}

    def trace(self) -> aiohttp.TraceConfig:
        """Give what discord.py's session is to be made with."""
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._answered)
        trace.on_request_exception.append(self._failed)
        return trace

    def listen_to(self, bot: commands.AutoShardedBot) -> None:
        """Hear of what arrives."""
        bot.add_listener(self._interaction, "on_interaction")
        bot.add_listener(self._error_told, "on_error_told")
        for event in ("connect", "disconnect", "ready", "resumed"):
            bot.add_listener(self._gateway(event), f"on_shard_{event}")

    async def _interaction(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.type is discord.InteractionType.autocomplete:
            return
        if len(self._arrived) >= OPEN_LIMIT:
            del self._arrived[next(iter(self._arrived))]
        self._arrived[interaction.id] = time.monotonic()

    async def _error_told(self, error: BaseException) -> None:
        self._metrics.errors.labels(type(error).__name__).inc()

    def _gateway(self, event: str) -> Any:  # noqa: ANN401 - discord.py's own type for listeners is no type
        async def happened(_shard: int) -> None:
            self._metrics.gateway.labels(event).inc()

        return happened

    async def _answered(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, asked: aiohttp.TraceRequestEndParams
    ) -> None:
        self._metrics.discord_requests.labels(str(asked.response.status)).inc()
        if found := _CALLBACK.search(asked.url.path):
            arrived = self._arrived.pop(int(found[1]), None)
            if arrived is not None and asked.response.ok:
                self._metrics.acknowledgement_seconds.observe(time.monotonic() - arrived)

    async def _failed(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, _asked: aiohttp.TraceRequestExceptionParams
    ) -> None:
        self._metrics.discord_requests.labels(NO_ANSWER).inc()

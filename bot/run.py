"""A run of the bot: store, engine and bot opened and closed in order, until a signal, Discord or damage ends it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import Any

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import StoryBot
from bot.config import Config
from bot.engine import make_engine
from bot.errors import DatabaseDamaged
from bot.process_locks import ProcessLocks
from bot.store import StoryStore
from bot.store.database import Took, untold
from bot.storytelling.retention import Retention

log = logging.getLogger(__name__)


async def run_bot(config: Config) -> None:
    """Run the bot until SIGTERM or SIGINT, or until Discord refuses it.

    Raises DatabaseDamaged where the file turns out to be damaged on the way: going on could make it worse.
    """
    config.require_token()
    point_to_discord(config)
    with ProcessLocks(config.database_path).serving(config.shards.known):
        await _run_watched(config)


async def _run_watched(config: Config) -> None:
    if not config.metrics_address:
        engine = make_engine(config)
        async with _store(config) as store, engine, StoryBot(config, store, engine) as bot:
            await _run(bot, store, config)
        return
    from bot.monitoring.watching import Watching  # where it is wanted: a start without it is quicker

    watching = Watching(config)
    engine = watching.metered(make_engine(config))
    async with (
        _store(config, watching.database_took) as store,
        engine,
        StoryBot(config, store, engine, http_trace=watching.trace) as bot,
        watching.served(bot, store, engine),
    ):
        await _run(bot, store, config)


def _store(config: Config, took: Took = untold) -> StoryStore:
    shards = config.shards
    return StoryStore(
        config.database_path, shard=shards.first, shard_ids=shards.ids or (), shard_count=shards.count or 0, took=took
    )


async def register_commands(config: Config) -> None:
    """Register the commands with Discord now, without going online."""
    token = config.require_token()
    point_to_discord(config)
    engine = make_engine(config)  # not started: only its genres are wanted
    async with (
        StoryStore(config.database_path) as store,
        StoryBot(config, store, engine, only_registers=True) as bot,
    ):
        await bot.login(token)


def point_to_discord(config: Config) -> None:
    """Let discord.py talk to another server than Discord's, where the operator names one (the playground does)."""
    if config.discord_api_url:
        Route.BASE = config.discord_api_url
    if config.discord_gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(config.discord_gateway_url)


async def _run(bot: StoryBot, store: StoryStore, config: Config) -> None:
    retention = Retention(store, config) if config.shards.leads else None  # once for all processes
    async with retention.running() if retention else contextlib.nullcontext():
        await _run_until_signal(bot, config.require_token(), store.damage)


async def _run_until_signal(bot: StoryBot, token: str, damage: asyncio.Future[DatabaseDamaged]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the program the plain way
            loop.add_signal_handler(number, stop.set)
    running = asyncio.create_task(bot.start(token), name="discord")
    stopping = asyncio.create_task(stop.wait(), name="signal")
    ends: set[asyncio.Future[Any]] = {running, stopping, damage}
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    if stopping.done() or damage.done():
        log.info("stopping: stories that are being written may end")
        await bot.drain()
    stopping.cancel()
    await bot.close()
    await running
    if damage.done():
        raise damage.result()

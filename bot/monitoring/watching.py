"""Puts the meters where they belong, for as long as the bot runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from discord.ext import commands

from bot.config import Config
from bot.monitoring.discord_watch import DiscordWatch
from bot.monitoring.health import Health
from bot.monitoring.log_watch import LogWatch
from bot.monitoring.loop_watch import watch_loop
from bot.monitoring.metered_engine import MeteredEngine
from bot.monitoring.metrics import Metrics
from bot.monitoring.scraped import Scraped
from bot.monitoring.site import Site
from bot.store import StoryStore
from storygen.engine import Engine

log = logging.getLogger(__name__)


class Watching:
    """The meters of one bot."""

    def __init__(self, config: Config) -> None:
        self.metrics = Metrics()
        self._config = config
        self._discord = DiscordWatch(self.metrics)
        self.trace = self._discord.trace()

    def metered(self, engine: Engine) -> Engine:
        """Give the engine with a meter on it."""
        return MeteredEngine(engine, self.metrics)

    def database_took(self, kind: str, seconds: float) -> None:
        """Note how long the database took for something of this kind."""
        self.metrics.database_seconds.labels(kind).observe(seconds)

    @asynccontextmanager
    async def served(self, bot: commands.AutoShardedBot, store: StoryStore, engine: Engine) -> AsyncIterator[str]:
        """Listen and serve while the block lasts; give the address. Raises ConfigError where it can't be had."""
        self.metrics.registry.register(Scraped(engine, bot, self._config))
        self._discord.listen_to(bot)
        watch = LogWatch(self.metrics)
        logging.getLogger().addHandler(watch)
        looking = asyncio.create_task(watch_loop(self.metrics), name="loop-watch")
        try:
            async with Site(self.metrics.registry, Health(bot, store, engine)).served(self._config.metrics_address) as (
                host,
                port,
            ):
                log.info("metrics and health at http://%s:%d", f"[{host}]" if ":" in host else host, port)
                yield f"http://{host}:{port}"
        finally:
            looking.cancel()
            logging.getLogger().removeHandler(watch)

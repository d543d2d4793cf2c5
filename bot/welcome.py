"""Discord says READY to each shard that logs in; one to which it never does would wait for ever, and is sent again."""

from __future__ import annotations

import asyncio
import logging

import discord

WELCOME_SECONDS = 60.0
"""How long READY may take. It comes within a second or two; a minute is also what discord.py gives a silent gateway."""

log = logging.getLogger(__name__)


class Welcome:
    """Watches over a bot's shards until Discord has welcomed all of them."""

    def __init__(self, client: discord.AutoShardedClient) -> None:
        self._client = client
        self._welcomed: set[int] = set()

    def came(self, shard_id: int) -> None:
        """Note that Discord has welcomed a shard."""
        self._welcomed.add(shard_id)

    async def watch(self) -> None:
        """Send shards again that are not welcomed in time, until the bot is ready."""
        while not self._client.is_ready():
            waiting = {shard_id for shard_id in self._client.shards if shard_id not in self._welcomed}
            await asyncio.sleep(WELCOME_SECONDS)
            for shard_id in waiting - self._welcomed:
                log.warning("Discord has not welcomed shard %d in %.0f s; it logs in again", shard_id, WELCOME_SECONDS)
                await self._client.shards[shard_id].reconnect()

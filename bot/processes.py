"""What several processes of the bot on one database agree on: whose unfinished passages end, and who logs in when."""

from __future__ import annotations

import logging

import discord

from bot.process_locks import ProcessLocks
from bot.shards import Shards
from bot.store import StoryStore

log = logging.getLogger(__name__)


async def end_unfinished(store: StoryStore, shards: Shards, locks: ProcessLocks) -> None:
    """End what processes left unfinished that are dead: the one before this one, and others that nobody has replaced.

    What another process is writing goes on.
    """
    for shard in await store.unfinished_shards():
        if shard in shards.known:
            ended = await store.close_unfinished(shard)
        else:
            with locks.if_free(shard) as free:
                ended = await store.close_unfinished(shard) if free else 0
        if ended:
            log.info("%d passages that were left unfinished are marked as failed", ended)


class Logins:
    """Lets the shards of all processes log in as fast as Discord allows, and no faster."""

    def __init__(self, locks: ProcessLocks) -> None:
        self._locks = locks
        self._max_concurrency = 1

    async def learn(self, client: discord.AutoShardedClient, shards: int) -> None:
        """Ask Discord how many may log in at a time; warn where not all shards may log in today.

        Raises discord.GatewayNotFound.
        """
        limits = await client.fetch_session_start_limits()
        self._max_concurrency = max(limits.max_concurrency, 1)
        if limits.remaining < shards:
            log.warning("Discord allows %d more logins of shards today; %d are wanted", limits.remaining, shards)

    async def turn_of(self, shard: int) -> None:
        """Wait until this shard may log in: its bucket is its number modulo ``max_concurrency`` (gateway docs)."""
        await self._locks.turn_to_identify(shard % self._max_concurrency)

"""What several processes of the bot on one database agree on: whose unfinished passages end, and who logs in when."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import discord

from bot.process_locks import ProcessLocks
from bot.shards import Shards
from bot.store import OpenAnswer, OpenCommand, Passage, StoryStore
from bot.storytelling.interrupted import end_interrupted

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOver:
    """What dead processes have left open: passages, ended now, and what people still have to be answered."""

    passages: list[Passage] = field(default_factory=list)
    answers: list[OpenAnswer] = field(default_factory=list)
    commands: list[OpenCommand] = field(default_factory=list)


async def take_up_unfinished(store: StoryStore, shards: Shards, locks: ProcessLocks) -> LeftOver:
    """End what processes left unfinished that are dead: the one before this one, and others that nobody has replaced.

    What another process is writing goes on.
    """
    left = LeftOver()
    for shard in await store.unfinished.shards():
        if shard in shards.known:
            await _take_up(store, shard, left)
        else:
            with locks.if_free(shard) as free:
                if free:
                    await _take_up(store, shard, left)
    return left


async def _take_up(store: StoryStore, shard: int, left: LeftOver) -> None:
    left.passages.extend(await end_interrupted(store, shard))
    left.answers.extend(await store.unfinished.open_answers(shard))
    left.commands.extend(await store.unfinished.open_commands(shard))


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

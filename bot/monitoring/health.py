"""Is the bot ready to tell stories? Each part with a sentence for whoever runs it."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.store import StoryStore
from storygen.engine import Engine, EngineState

_GOOD = frozenset({EngineState.READY, EngineState.LOADING, EngineState.PAUSED})
"""While the model loads, commands are taken and queued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that has to be well."""

    name: str
    well: bool
    state: str


class Health:
    """Looks at the parts of a running bot."""

    def __init__(self, client: discord.AutoShardedClient, store: StoryStore, engine: Engine) -> None:
        self._client = client
        self._store = store
        self._engine = engine

    async def parts(self) -> list[Part]:
        """Look at each part now."""
        return [self._gateway(), await self._database(), self._model()]

    def _gateway(self) -> Part:
        shards = self._client.shards.values()
        closed = sum(shard.is_closed() for shard in shards)
        well = self._client.is_ready() and not closed
        state = (
            "connected" if well else f"{closed} of {len(shards)} shards are not connected" if closed else "connecting"
        )
        return Part(name="gateway", well=well, state=state)

    async def _database(self) -> Part:
        problem = await self._store.write_problem()
        return Part(name="database", well=problem is None, state=problem or "writable")

    def _model(self) -> Part:
        state = self._engine.status().state
        return Part(name="model", well=state in _GOOD, state=state.value)

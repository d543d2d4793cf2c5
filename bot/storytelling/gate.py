"""The one gate before all that puts words of a person or the model into a server: whether they may, here and now."""

from __future__ import annotations

from bot.store import Quota, StoryStore
from bot.store.server_rows import NO_RULES, Limits, ServerRules, Standing
from bot.storytelling.server_rules import check_rules, limits_for, quota_of
from bot.storytelling.telling import Teller

_FREE = Standing(rules=NO_RULES, blocked=False)


class Gate:
    """One for the whole bot. Every answer is read from the database, so what was changed a moment ago holds."""

    def __init__(self, store: StoryStore) -> None:
        self._store = store

    async def admit(self, teller: Teller) -> None:
        """Let somebody put words where they are. Raises BlockedHere, ChannelClosed and RoleNeeded."""
        check_rules(await self._standing(teller), teller)

    async def admit_telling(self, teller: Teller) -> tuple[Limits, Quota | None]:
        """Let somebody have a passage written where they are; give their limits, and what it counts against.

        Raises what ``admit`` raises, and TooSoon. What passes is counted when its row is written, and checked again.
        """
        standing = await self._standing(teller)
        check_rules(standing, teller)
        limits = limits_for(standing.rules, teller.role_ids)
        quota = quota_of(teller.guild_id or 0, limits)
        if quota is not None:
            await self._store.servers.check_quota(quota, teller.user_id)
        return limits, quota

    async def rules_for(self, teller: Teller) -> ServerRules:
        """Give the rules that hold where somebody is; those that allow everything where no server is."""
        return (await self._standing(teller)).rules

    async def _standing(self, teller: Teller) -> Standing:
        if teller.guild_id is None or not teller.hosted:
            return _FREE
        return await self._store.servers.standing(teller.guild_id, teller.user_id)

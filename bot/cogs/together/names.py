"""The names of those who told a story together, looked up when they are needed: none of them is stored."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import discord

from bot.replies import UNREACHABLE
from bot.store import Author, Passage, StoredStory

log = logging.getLogger(__name__)


class Names:
    """Asks Discord: first the story's server, where a person may have another name; then whether they are at all."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def of_tellers(self, story: StoredStory, passages: Sequence[Passage]) -> Mapping[int, str]:
        """Give the names of the people who wrote these passages; whoever can't be found has none."""
        told = (passage.user_id for passage in passages if passage.author is Author.PERSON and passage.text)
        guild = None if story.guild_id is None else self._client.get_guild(story.guild_id)
        found = {user_id: await self._name(guild, user_id) for user_id in dict.fromkeys(told) if user_id}
        return {user_id: name for user_id, name in found.items() if name}

    async def _name(self, guild: discord.Guild | None, user_id: int) -> str:
        if guild is not None:
            try:
                return (await guild.fetch_member(user_id)).display_name
            except UNREACHABLE as error:
                log.info("a member could not be asked for: %s", error)
        try:
            return (await self._client.fetch_user(user_id)).display_name
        except UNREACHABLE as error:
            log.info("a person could not be asked for: %s", error)
            return ""

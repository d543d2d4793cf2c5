"""The one place that says which texts are let through where: what people type, and what is shown of stories."""

from __future__ import annotations

import asyncio

from bot.errors import StoryRefused, WordsRefused
from bot.moderation import Level, TextFilter, default_filter
from bot.moderation.kinds import stricter
from bot.store import Passage, StoredStory, StoryStore
from bot.storytelling.joining import joined


class Moderator:
    """Knows the operator's level and every server's own words; one for the whole bot."""

    def __init__(self, store: StoryStore, level: Level) -> None:
        self._store = store
        self._level = level
        self._making: asyncio.Task[TextFilter] | None = None

    def prepare(self) -> asyncio.Task[TextFilter]:
        """Begin to make the built-in filter, on a thread, once: it takes a second, in which the bot logs in."""
        if self._making is None:
            making = asyncio.to_thread(default_filter, self._level)
            self._making = asyncio.get_running_loop().create_task(making, name="filter")
        return self._making

    async def filter_for(self, guild_id: int | None) -> TextFilter:
        """Give what holds in a server, or in direct messages: a server may be stricter, never looser."""
        await asyncio.shield(self.prepare())
        if guild_id is None:
            return default_filter(self._level)
        own = await self._store.server_filters.of(guild_id)
        return default_filter(stricter(self._level, own.level), own.words)

    async def admit(self, guild_id: int | None, *texts: str, before: str = "") -> None:
        """Let a person's texts through, or raise WordsRefused. ``before`` is what stands above them in a story."""
        text_filter = await self.filter_for(guild_id)
        for text in texts:
            if text and (kind := text_filter.finds(text, before)):
                raise WordsRefused(kind, text)

    async def admit_story(self, guild_id: int | None, story: StoredStory, path: list[Passage]) -> None:
        """Let a story be shown to the people of a server, or raise StoryRefused: elsewhere, other words may hold."""
        if guild_id is None:
            return
        text_filter = await self.filter_for(guild_id)
        if kind := text_filter.finds(joined(path)) or text_filter.finds(story.title):
            raise StoryRefused(kind)

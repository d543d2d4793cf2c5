"""How a person names one of their stories in a command: by a suggestion, or by words of its title or beginning."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.cogs.discretion import PATIENCE_SECONDS, Admitting, is_refused
from bot.errors import StoryEmpty, StoryNotFound
from bot.look.cards import genre_label
from bot.store import StoredStory, StoryStore
from bot.storytelling.storyteller import Storyteller
from bot.text import clipped

CHOICE_LIMIT = 25
"""Discord shows at most so many suggestions."""
CHOICE_NAME_LIMIT = 100
STORY_HINT = "Type a part of its title or of its first words"


class StoryChoice:
    """Suggests stories and finds the one that was meant. What was typed is checked, whatever it looks like."""

    def __init__(self, storyteller: Storyteller, store: StoryStore) -> None:
        self._storyteller = storyteller
        self._store = store

    async def suggestions(self, user_id: int, typed: str) -> list[app_commands.Choice[str]]:
        """Give the person's newest stories that fit to what was typed."""
        stories = await self._store.stories_of(user_id, matching=typed, limit=CHOICE_LIMIT)
        return [app_commands.Choice(name=self._name(story), value=str(story.id)) for story in stories]

    async def chosen(self, user_id: int, typed: str) -> StoredStory:
        """Find a story by the id that a suggestion carries, or by words typed without choosing one.

        Raises StoryNotFound and NotYours.
        """
        matching = await self._store.stories_of(user_id, matching=typed, limit=CHOICE_LIMIT)
        called_so = [story for story in matching if story.title.casefold() == typed.casefold()]
        if typed.isascii() and typed.isdigit() and len(typed) < len(str(2**63)) and not called_so:
            return await self._storyteller.story_of(user_id, int(typed))
        if not matching:
            raise StoryNotFound(0)
        return (called_so or matching)[0]

    async def last_passage(self, story: StoredStory) -> int:
        """Give the id of the passage at which a story ends; of one without text, its newest. Raises StoryEmpty."""
        if story.head_id is not None:
            return story.head_id
        passages: Sequence[Any] = await self._store.passages_of(story.id)
        if not passages:
            raise StoryEmpty(story.id)
        return int(passages[-1].id)

    def _name(self, story: StoredStory) -> str:
        label = genre_label(story.genre, self._storyteller.genres)
        return clipped(f"{titled(story)} ({label})", CHOICE_NAME_LIMIT)


def titled(story: StoredStory) -> str:
    """Give what a story is called, also where nobody has named it yet."""
    return story.title or "Untitled"


async def deferred_as_private_as(
    interaction: discord.Interaction[Any], finding: Coroutine[Any, Any, StoredStory], admitting: Admitting
) -> StoredStory:
    """Find a story, and defer the answer so that only the person sees it where the story is private.

    Where the database takes its time, the story isn't found, or the server wants no stories of this person here, only
    they see the answer: their stories are theirs to read everywhere.
    """
    found = asyncio.ensure_future(finding)
    refused = asyncio.ensure_future(is_refused(admitting))
    await asyncio.wait({found, refused}, timeout=PATIENCE_SECONDS)
    known = found.done() and found.exception() is None and refused.done()
    private = not known or found.result().private or await refused
    await interaction.response.defer(ephemeral=private, thinking=True)
    await refused
    return await found

"""Who may change a story and who may read it: the rules, and what has to be looked up for them."""

from __future__ import annotations

from collections.abc import Iterable

from bot.errors import NotYours
from bot.store import Passage, Share, StoredStory, StoryStore
from bot.telling import Teller


def may_change(user_id: int, story: StoredStory) -> bool:
    """Say whether somebody may change a story: its owner only."""
    return story.owner_id == user_id


def may_read(reader: Teller, story: StoredStory, passage: Passage | None, shares: Iterable[Share]) -> bool:
    """Say whether somebody may read a story, or this passage of it, where they are.

    The owner may anywhere. Others may read what is not private and was shown in this very channel, was shared in it,
    or was told or shared in this very server.
    """
    if may_change(reader.user_id, story):
        return True
    if story.private:
        return False
    if reader.guild_id is not None and story.guild_id == reader.guild_id:
        return True
    shown_in = story.channel_id if passage is None else passage.channel_id or story.channel_id
    return shown_in == reader.channel_id or any(_is_here(share, reader) for share in shares)


async def readable_story(store: StoryStore, reader: Teller, story_id: int) -> StoredStory:
    """Give a story to somebody who may read it. Raises StoryNotFound and NotYours."""
    story = await store.story(story_id)
    return await _readable(store, reader, story, None)


async def readable_passage(store: StoryStore, reader: Teller, passage_id: int) -> tuple[StoredStory, Passage]:
    """Give a passage and its story to somebody who may read it. Raises PassageNotFound, StoryNotFound and NotYours."""
    passage = await store.passage(passage_id)
    story = await store.story(passage.story_id)
    return await _readable(store, reader, story, passage), passage


def _is_here(share: Share, reader: Teller) -> bool:
    return share.channel_id == reader.channel_id or (share.guild_id is not None and share.guild_id == reader.guild_id)


async def _readable(store: StoryStore, reader: Teller, story: StoredStory, passage: Passage | None) -> StoredStory:
    shares = () if may_change(reader.user_id, story) else await store.readers.shares_of(story.id)
    if not may_read(reader, story, passage, shares):
        raise NotYours(story.owner_id)
    return story

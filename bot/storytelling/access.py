"""Who may change a story and who may read it: the rules, and what has to be looked up for them."""

from __future__ import annotations

from collections.abc import Iterable

from bot.errors import NotYours, StoryWithdrawn
from bot.store import Passage, Share, StoredStory, StoryStore
from bot.storytelling.telling import Teller


def may_change(user_id: int, story: StoredStory) -> bool:
    """Say whether somebody may change a story: its owner only."""
    return story.owner_id == user_id


def may_read(reader: Teller, story: StoredStory, passage: Passage | None, shares: Iterable[Share]) -> bool:
    """Say whether somebody may read a story, or this passage of it, where they are.

    The owner may anywhere. Others may read what is not private and was shown in this very channel, what was shared in
    this channel or server, and in the server of a story what was shown in the story's own channel: not what its owner
    wrote on elsewhere, perhaps in direct messages.
    """
    if may_change(reader.user_id, story):
        return True
    if story.private:
        return False
    here = [share for share in shares if _is_here(share, reader)]
    same_server = reader.guild_id is not None and story.guild_id == reader.guild_id
    if passage is None:
        return same_server or story.channel_id == reader.channel_id or bool(here)
    shown_in = passage.channel_id or story.channel_id
    if shown_in == reader.channel_id or (same_server and shown_in == story.channel_id):
        return True
    return any(shown_in == share.channel_id or _was_there(passage, share) for share in here)


async def readable_story(store: StoryStore, reader: Teller, story_id: int) -> StoredStory:
    """Give a story to somebody who may read it. Raises StoryNotFound, NotYours and StoryWithdrawn."""
    story = await store.story(story_id)
    return await _readable(store, reader, story, None)


async def readable_passage(store: StoryStore, reader: Teller, passage_id: int) -> tuple[StoredStory, Passage]:
    """Give a passage and its story to somebody who may read it.

    Raises PassageNotFound, StoryNotFound, NotYours and StoryWithdrawn.
    """
    passage = await store.passage(passage_id)
    story = await store.story(passage.story_id)
    return await _readable(store, reader, story, passage), passage


async def refuse_withdrawn(store: StoryStore, teller: Teller, story_id: int) -> None:
    """Raise StoryWithdrawn where the server in which somebody is has taken a story out: nobody brings it back there.

    Its owner still reads it there, for their own eyes, and does with it elsewhere what they like.
    """
    if await store.review.is_withdrawn(story_id, teller.guild_id):
        raise StoryWithdrawn(story_id)


async def readable_path(store: StoryStore, reader: Teller, story: StoredStory) -> list[Passage]:
    """Give the passages of a story for somebody who may read it: to its head, or to the last that others may read."""
    path = [] if story.head_id is None else await store.path_to(story.head_id)
    if may_change(reader.user_id, story):
        return path
    shares = await store.readers.shares_of(story.id)
    # A person's words belong to the passage below them, which is the one that was shown.
    shown = [passage.channel_id is not None or _is_shared(passage, shares) for passage in path]
    readable = [
        is_shown and may_read(reader, story, passage, shares) for passage, is_shown in zip(path, shown, strict=True)
    ]
    return path[: max((place + 1 for place, may in enumerate(readable) if may), default=0)]


def _is_shared(passage: Passage, shares: Iterable[Share]) -> bool:
    return any(_was_there(passage, share) for share in shares)


def _was_there(passage: Passage, share: Share) -> bool:
    """Say whether a passage was part of the story when it was shared."""
    return passage.finished_at is not None and passage.finished_at <= share.created_at


def _is_here(share: Share, reader: Teller) -> bool:
    return share.channel_id == reader.channel_id or (share.guild_id is not None and share.guild_id == reader.guild_id)


async def _readable(store: StoryStore, reader: Teller, story: StoredStory, passage: Passage | None) -> StoredStory:
    is_owner = may_change(reader.user_id, story)
    if not is_owner:
        await refuse_withdrawn(store, reader, story.id)
    shares = () if is_owner else await store.readers.shares_of(story.id)
    if not may_read(reader, story, passage, shares):
        raise NotYours(story.owner_id)
    return story

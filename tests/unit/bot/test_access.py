"""Who may read and change what."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import NotYours, PassageNotFound, StoryNotFound
from bot.store import Share, StoredStory, StoryStore
from bot.storytelling.access import may_change, may_read, readable_passage, readable_path, readable_story
from bot.storytelling.telling import Teller
from tests.fakes.stored_stories import CHANNEL, GUILD, OWNER, READER, told
from tests.fakes.story_trees import MODELS, STORY

ELSEWHERE = 70
TOLD_HERE = replace(STORY, owner_id=OWNER, guild_id=GUILD, channel_id=CHANNEL)
TOLD_IN_DM = replace(TOLD_HERE, guild_id=None)
UNSHOWN = replace(MODELS, channel_id=None)
SHARED = Share(
    id=1, story_id=31, user_id=OWNER, guild_id=GUILD, channel_id=50, message_id=None, created_at=1_795_000_010
)
"""After the passage was finished."""


def at(channel_id: int, guild_id: int | None = None, user_id: int = READER) -> Teller:
    return Teller(user_id=user_id, guild_id=guild_id, channel_id=channel_id)


def test_only_the_owner_may_change_a_story() -> None:
    assert may_change(OWNER, TOLD_HERE)
    assert not may_change(READER, TOLD_HERE)


def test_the_owner_may_read_anywhere_also_what_is_private() -> None:
    assert may_read(at(ELSEWHERE, user_id=OWNER), replace(TOLD_HERE, private=True), UNSHOWN, ())


@pytest.mark.parametrize(
    ("reader", "story", "may"),
    [
        (at(CHANNEL), TOLD_IN_DM, True),
        (at(ELSEWHERE), TOLD_IN_DM, False),
        (at(ELSEWHERE, GUILD), TOLD_HERE, True),
        (at(ELSEWHERE, GUILD + 1), TOLD_HERE, False),
        (at(ELSEWHERE), TOLD_HERE, False),
        (at(CHANNEL, GUILD), replace(TOLD_HERE, private=True), False),
    ],
)
def test_others_may_read_where_a_story_was_told_unless_it_is_private(
    reader: Teller, story: StoredStory, may: bool
) -> None:
    assert may_read(reader, story, None, ()) is may
    assert may_read(reader, story, UNSHOWN, ()) is may


def test_a_passage_that_was_shown_elsewhere_may_be_read_there() -> None:
    shown = replace(MODELS, channel_id=ELSEWHERE)

    assert may_read(at(ELSEWHERE), TOLD_IN_DM, shown, ())
    assert not may_read(at(CHANNEL), TOLD_IN_DM, shown, ())


def test_what_was_shared_may_be_read_in_that_channel_and_that_server() -> None:
    assert may_read(at(50), TOLD_IN_DM, UNSHOWN, (SHARED,))
    assert may_read(at(ELSEWHERE, GUILD), TOLD_IN_DM, None, iter([SHARED]))
    assert not may_read(at(ELSEWHERE, GUILD + 1), TOLD_IN_DM, UNSHOWN, (SHARED,))
    assert not may_read(at(ELSEWHERE), TOLD_IN_DM, UNSHOWN, (replace(SHARED, guild_id=None),))
    assert not may_read(at(50), replace(TOLD_IN_DM, private=True), UNSHOWN, (SHARED,))


def test_what_was_written_on_after_sharing_is_not_shared() -> None:
    before = replace(SHARED, created_at=1_795_000_000)

    assert not may_read(at(50), TOLD_IN_DM, UNSHOWN, (before,))
    assert may_read(at(50), TOLD_IN_DM, replace(UNSHOWN, channel_id=50), (before,))


def test_a_servers_people_may_not_read_what_was_written_on_in_direct_messages() -> None:
    assert may_read(at(ELSEWHERE, GUILD), TOLD_HERE, replace(MODELS, channel_id=CHANNEL), ())
    assert not may_read(at(ELSEWHERE, GUILD), TOLD_HERE, replace(MODELS, channel_id=90), ())


async def test_others_read_a_story_up_to_the_last_passage_that_they_could_see(store: StoryStore) -> None:
    story, first = await told(store)
    await store.set_message(first.id, CHANNEL, 1)
    typed = await store.tree.add_text(story.id, first.id, OWNER, "Only in direct messages.")
    story = await store.tree.move_head(story.id, typed.id)
    path = await store.path_to(typed.id)

    assert await readable_path(store, at(ELSEWHERE, user_id=OWNER), story) == path
    assert await readable_path(store, at(ELSEWHERE, GUILD), story) == path[:-1]
    await store.set_message(typed.id, 90, 2)
    assert await readable_path(store, at(ELSEWHERE, GUILD), story) == path[:-1]
    assert await readable_path(store, at(90), story) == await store.path_to(typed.id)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


async def test_what_may_be_read_is_looked_up(store: StoryStore) -> None:
    story, passage = await told(store, guild_id=None)
    await store.readers.add_share(story.id, OWNER, GUILD, 50)

    assert await readable_passage(store, at(CHANNEL), passage.id) == (story, passage)
    assert await readable_story(store, at(50), story.id) == story
    assert await readable_story(store, at(ELSEWHERE, user_id=OWNER), story.id) == story
    for refused in (readable_passage(store, at(ELSEWHERE), passage.id), readable_story(store, at(ELSEWHERE), story.id)):
        with pytest.raises(NotYours) as caught:
            await refused
        assert caught.value.owner_id == OWNER


async def test_what_is_not_there_can_not_be_read(store: StoryStore) -> None:
    with pytest.raises(StoryNotFound):
        await readable_story(store, at(CHANNEL), 2**70)
    with pytest.raises(PassageNotFound):
        await readable_passage(store, at(CHANNEL), 1)

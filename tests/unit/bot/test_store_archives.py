"""Which stories stand in the archives of servers, which of them were changed since, and which messages have to go."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store import ArchivePost, GoneMessage, Passage, StoryStore
from tests.fakes.stored_stories import GUILD, OWNER, READER, told, went_on

ARCHIVE, FORUM, ELSEWHERE = 70, 80, 6


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


def post_of(
    passage: Passage, message_id: int = 700, *, guild_id: int = GUILD, channel_id: int = ARCHIVE
) -> ArchivePost:
    return ArchivePost(
        story_id=passage.story_id, guild_id=guild_id, archive_id=ARCHIVE, channel_id=channel_id, message_id=message_id,
        passage_id=passage.id, user_id=OWNER, stale=0, created_at=0,
    )  # fmt: skip


async def put_up(store: StoryStore, message_id: int = 700) -> Passage:
    _, passage = await told(store, "The lake", " froze.", title="Water")
    assert await store.archives.keep(post_of(passage, message_id))
    return passage


async def test_a_server_has_one_archive_or_none_and_who_chose_it_is_remembered(store: StoryStore) -> None:
    assert await store.archives.channel_of(GUILD) is None
    await store.archives.set_channel(GUILD, OWNER, ARCHIVE)
    await store.archives.set_channel(GUILD, OWNER, FORUM)
    assert (await store.archives.channel_of(GUILD), await store.archives.channel_of(ELSEWHERE)) == (FORUM, None)
    await store.archives.set_channel(GUILD, OWNER, None)
    assert await store.archives.channel_of(GUILD) is None
    assert len((await store.people.everything_of(OWNER))["server_changes"]) == 3


async def test_a_post_is_stale_after_its_story_is_renamed_edited_or_given_another_genre(store: StoryStore) -> None:
    passage = await put_up(store)
    changes = (
        lambda: store.tree.rename(passage.story_id, "Ice"),
        lambda: store.tree.replace_text(passage.id, " burned."),
        lambda: store.tree.set_genre(passage.story_id, "drama"),
    )
    for change in changes:
        assert await store.archives.stale() == []
        await change()
        (post,) = await store.archives.stale()
        await store.archives.shown(post)


async def test_what_changes_nothing_that_is_shown_leaves_it_as_it_is(store: StoryStore) -> None:
    passage = await put_up(store)
    await went_on(store, passage)
    await store.tree.set_memory(passage.story_id, "It is cold")
    await store.tree.rename(passage.story_id, (await store.story(passage.story_id)).title)
    await store.readers.toggle_heart(passage.story_id, READER, GUILD)
    assert await store.archives.stale() == []


async def test_what_is_changed_while_a_post_is_shown_anew_stays_to_be_done(store: StoryStore) -> None:
    passage = await put_up(store)
    await store.tree.rename(passage.story_id, "Ice")
    (post,) = await store.archives.stale()
    await store.tree.rename(passage.story_id, "Fire")
    await store.archives.shown(post)
    assert len(await store.archives.stale()) == 1


async def test_the_message_of_a_deleted_story_has_to_go_until_it_is_gone(store: StoryStore) -> None:
    passage = await put_up(store)
    await store.delete_story(passage.story_id)
    assert await store.archives.post_of(passage.story_id, GUILD) is None
    (gone,) = await store.archives.gone()
    assert gone == GoneMessage(channel_id=ARCHIVE, message_id=700)
    await store.archives.lost(gone)
    assert await store.archives.gone() == []


async def test_the_messages_of_somebody_who_is_forgotten_have_to_go(store: StoryStore) -> None:
    await put_up(store)
    await store.people.forget(OWNER, words_in_others=True)
    assert [gone.message_id for gone in await store.archives.gone()] == [700]


async def test_words_taken_back_from_somebody_else_s_story_are_taken_out_of_its_post(store: StoryStore) -> None:
    passage = await put_up(store)
    guest = await went_on(store, passage, words="Their words", user_id=READER)
    await store.archives.send_further(passage.story_id, GUILD, guest.id, OWNER)
    (post,) = await store.archives.stale()
    await store.archives.shown(post)
    await store.people.forget(READER, words_in_others=False)
    (post,) = await store.archives.stale()
    await store.archives.shown(post)


async def test_a_post_that_is_lost_on_discord_is_no_message_that_has_to_go(store: StoryStore) -> None:
    passage = await put_up(store)
    await store.archives.lost(post_of(passage))
    assert (await store.archives.gone(), await store.archives.post_of(passage.story_id, GUILD)) == ([], None)


async def test_a_post_that_took_the_place_of_another_lets_that_one_go(store: StoryStore) -> None:
    passage = await put_up(store)
    await store.archives.keep(post_of(passage, 701))
    assert [gone.message_id for gone in await store.archives.gone()] == [700]
    assert (await store.archives.post_of(passage.story_id, GUILD) or post_of(passage)).message_id == 701


async def test_a_message_of_a_story_that_was_deleted_while_it_was_posted_has_to_go(store: StoryStore) -> None:
    _, passage = await told(store)
    await store.delete_story(passage.story_id)
    assert not await store.archives.keep(post_of(passage))
    assert [gone.message_id for gone in await store.archives.gone()] == [700]


async def test_each_server_has_its_own_post_of_a_story(store: StoryStore) -> None:
    passage = await put_up(store)
    await store.archives.keep(post_of(passage, 800, guild_id=ELSEWHERE))
    await store.review.purge(GUILD, None, READER, [])
    assert [gone.message_id for gone in await store.archives.gone()] == [700]
    assert await store.archives.post_of(passage.story_id, ELSEWHERE) is not None


DEEDS = st.lists(
    st.tuples(st.sampled_from(["keep", "delete", "purge", "lose", "take"]), st.integers(0, 2)), max_size=14
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
async def test_whatever_happens_each_message_stands_for_a_story_or_has_to_go_or_is_gone(
    tmp_path: Path, deeds: list[tuple[str, int]]
) -> None:
    path = tmp_path / "any.sqlite3"
    path.unlink(missing_ok=True)
    async with StoryStore.open(path) as store:
        passages = [(await told(store, f"Story {number}"))[1] for number in range(3)]
        on_discord: set[int] = set()
        for message_id, (deed, which) in enumerate(deeds, 1000):
            passage = passages[which]
            if deed == "keep":
                on_discord.add(message_id)
                await store.archives.keep(replace(post_of(passage), message_id=message_id))
            elif deed == "delete" and passage.story_id in {story.id for story in await store.stories_of(OWNER)}:
                await store.delete_story(passage.story_id)
            elif deed == "purge":
                await store.review.purge(GUILD, None, READER, [])
            elif deed == "lose" and (post := await store.archives.post_of(passage.story_id, GUILD)):
                on_discord.discard(post.message_id)
                await store.archives.lost(post)
            elif deed == "take":
                for gone in await store.archives.gone():
                    on_discord.discard(gone.message_id)
                    await store.archives.lost(gone)
        posts = [await store.archives.post_of(passage.story_id, GUILD) for passage in passages]
        standing = {post.message_id for post in posts if post is not None}
        leaving = {gone.message_id for gone in await store.archives.gone()}
    assert standing | leaving == on_discord
    assert not standing & leaving

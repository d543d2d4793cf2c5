"""What readers do with stories, and which ones a server's people may find."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import PassageNotFound, StoryNotFound
from bot.store import HeartState, LovedStory, ReportState, StoryStore
from bot.store import readers as readers_module
from tests.fakes.stored_stories import CHANNEL, GUILD, OWNER, READER, STRANGER, begun, told, went_on

ELSEWHERE = GUILD + 1


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


async def test_a_heart_is_given_once_and_taken_back(store: StoryStore) -> None:
    story, _ = await told(store)
    assert await store.readers.hearts(story.id) == 0

    assert await store.readers.toggle_heart(story.id, READER, GUILD) == HeartState(given=True, count=1)
    assert await store.readers.toggle_heart(story.id, STRANGER, None) == HeartState(given=True, count=2)
    assert await store.readers.toggle_heart(story.id, READER, GUILD) == HeartState(given=False, count=1)
    assert await store.readers.hearts(story.id) == 1


async def test_what_is_not_there_can_not_be_loved_shared_or_reported(store: StoryStore) -> None:
    story, _ = await told(store)
    _, elsewhere = await told(store)

    with pytest.raises(StoryNotFound):
        await store.readers.toggle_heart(999, READER, GUILD)
    with pytest.raises(StoryNotFound):
        await store.readers.add_share(2**70, OWNER, GUILD, CHANNEL)
    with pytest.raises(PassageNotFound):
        await store.readers.report(story.id, 999, READER, GUILD, "rude")
    with pytest.raises(StoryNotFound):
        await store.readers.report(story.id, elsewhere.id, READER, GUILD, "rude")
    assert await store.readers.hearts(2**70) == 0


async def test_shares_are_remembered_with_their_messages(store: StoryStore) -> None:
    story, _ = await told(store)

    first = await store.readers.add_share(story.id, OWNER, GUILD, CHANNEL)
    second = await store.readers.add_share(story.id, OWNER, None, 77)
    await store.readers.set_share_message(second, 2**62)

    shares = await store.readers.shares_of(story.id)
    assert [(share.id, share.guild_id, share.channel_id, share.message_id) for share in shares] == [
        (first, GUILD, CHANNEL, None), (second, None, 77, 2**62),
    ]  # fmt: skip


async def test_a_second_report_of_a_person_replaces_their_first(store: StoryStore) -> None:
    story, passage = await told(store)
    await store.readers.report(story.id, passage.id, READER, GUILD, "rude")
    await store.readers.report(story.id, passage.id, STRANGER, ELSEWHERE, "odd")
    await store.readers.report(story.id, passage.id, READER, GUILD, "very rude")

    both = await store.readers.open_reports()
    assert {(report.reporter_id, report.reason, report.state) for report in both} == {
        (READER, "very rude", ReportState.OPEN), (STRANGER, "odd", ReportState.OPEN),
    }  # fmt: skip
    assert [report.reason for report in await store.readers.open_reports(ELSEWHERE)] == ["odd"]
    assert len(await store.readers.open_reports(limit=1)) == 1


async def test_the_most_loved_stories_of_a_server_come_first(
    store: StoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 100
    monkeypatch.setattr(readers_module, "now", lambda: clock)
    one, _ = await told(store, "One")
    two, _ = await told(store, "Two")
    unloved, _ = await told(store, "Three")
    for story, readers in ((one, [1, 2, 3]), (two, [1, 2])):
        for reader in readers:
            await store.readers.toggle_heart(story.id, reader, GUILD)
    clock = 200
    await store.readers.toggle_heart(two.id, 9, GUILD)

    assert await store.readers.top(GUILD, since=0, limit=10) == [
        LovedStory(story=await store.story(two.id), hearts=3), LovedStory(story=await store.story(one.id), hearts=3),
    ]  # fmt: skip
    assert [(loved.story.id, loved.hearts) for loved in await store.readers.top(GUILD, since=150)] == [(two.id, 1)]
    assert len(await store.readers.top(GUILD, since=0, limit=1)) == 1
    assert unloved.id not in {one.id, two.id}


async def test_only_what_was_told_or_shared_in_a_server_is_found_there(store: StoryStore) -> None:
    here, _ = await told(store, "Here")
    private, _ = await told(store, "Private", private=True)
    elsewhere, _ = await told(store, "Elsewhere", guild_id=ELSEWHERE)
    direct, _ = await told(store, "Direct", guild_id=None)
    empty, _ = await told(store, "", "")
    shared, _ = await told(store, "Shared", guild_id=None)
    await store.readers.add_share(shared.id, OWNER, GUILD, CHANNEL)
    await store.readers.add_share(shared.id, OWNER, GUILD, CHANNEL + 1)
    shared_but_private, _ = await told(store, "Both", private=True)
    await store.readers.add_share(shared_but_private.id, OWNER, GUILD, CHANNEL)
    for story in (here, private, elsewhere, direct, empty, shared, shared_but_private):
        await store.readers.toggle_heart(story.id, READER, GUILD)

    assert {(loved.story.id, loved.hearts) for loved in await store.readers.top(GUILD, 0)} == {
        (here.id, 1), (shared.id, 1),
    }  # fmt: skip
    found = {(story and story.id) for story in [await store.readers.random_story(GUILD) for _ in range(40)]}
    assert found == {here.id, shared.id}
    assert (await store.readers.random_story(ELSEWHERE) or here).id == elsewhere.id
    assert await store.readers.random_story(77) is None
    assert await store.readers.top(77, 0) == []


async def test_a_random_story_of_ones_own_has_text_and_may_be_private(store: StoryStore) -> None:
    assert await store.readers.random_own(OWNER) is None
    await begun(store)
    assert await store.readers.random_own(OWNER) is None
    mine, _ = await told(store, "Mine", guild_id=None, private=True)
    await told(store, "Theirs", owner_id=READER)

    assert {(await store.readers.random_own(OWNER) or mine).id for _ in range(10)} == {mine.id}


async def test_a_message_leads_to_the_newest_passage_that_it_shows(store: StoryStore) -> None:
    _, first = await told(store)
    second = await went_on(store, first)
    await store.set_message(first.id, CHANNEL, 700)
    await store.set_message(second.id, CHANNEL, 700)

    assert (await store.readers.passage_of_message(700) or first).id == second.id
    assert await store.readers.passage_of_message(701) is None
    assert await store.readers.passage_of_message(2**70) is None


async def test_a_deleted_story_takes_hearts_shares_and_reports_with_it(store: StoryStore) -> None:
    story, passage = await told(store)
    await store.readers.toggle_heart(story.id, READER, GUILD)
    await store.readers.add_share(story.id, OWNER, GUILD, CHANNEL)
    await store.readers.report(story.id, passage.id, READER, GUILD, "rude")

    await store.delete_story(story.id)

    assert await store.readers.hearts(story.id) == 0
    assert await store.readers.shares_of(story.id) == []
    assert await store.readers.open_reports() == []

"""What those who run a server decide about stories there, and what it leaves alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import ReportNotFound
from bot.store import ReportState, StoryStore, Why
from tests.fakes.stored_stories import CHANNEL, GUILD, OWNER, READER, STRANGER, told, went_on

ELSEWHERE, KEEPER = 6, 50


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


async def found_in(store: StoryStore, guild_id: int) -> set[int]:
    return {story.id for story in await store.readers.newest(guild_id, 0, 99)}


async def test_of_a_passage_that_several_report_there_is_one_card_and_one_decision(store: StoryStore) -> None:
    story, passage = await told(store)
    first = await store.readers.report(story.id, passage.id, READER, GUILD, "rude")
    await store.readers.report(story.id, passage.id, STRANGER, GUILD, "very rude")

    assert await store.review.count_open(GUILD) == 1
    report = await store.review.next_open(GUILD)
    assert report is not None
    assert report.id == first
    assert await store.review.reasons(report) == ["rude", "very rude"]
    assert await store.review.dismiss(GUILD, first, KEEPER)
    assert (await store.review.count_open(GUILD), await store.review.next_open(GUILD)) == (0, None)
    assert not await store.review.dismiss(GUILD, first, KEEPER)
    assert not await store.review.uphold(GUILD, first, KEEPER, [])


async def test_what_is_reported_again_after_a_decision_is_open_again(store: StoryStore) -> None:
    story, passage = await told(store)
    number = await store.readers.report(story.id, passage.id, READER, GUILD, "rude")
    await store.review.dismiss(GUILD, number, KEEPER)
    await store.readers.report(story.id, passage.id, READER, GUILD, "still rude")
    report = await store.review.report(GUILD, number)
    assert (report.state, report.decided_by, report.decided_at) == (ReportState.OPEN, None, None)


@pytest.mark.parametrize("guild_id", [ELSEWHERE, 0])
async def test_a_report_of_another_server_or_of_direct_messages_is_none(store: StoryStore, guild_id: int) -> None:
    story, passage = await told(store)
    number = await store.readers.report(story.id, passage.id, READER, GUILD, "rude")
    direct = await store.readers.report(story.id, passage.id, STRANGER, None, "rude")
    for report_id in (number, direct, 99, 2**70):
        with pytest.raises(ReportNotFound):
            await store.review.report(guild_id, report_id)
        with pytest.raises(ReportNotFound):
            await store.review.uphold(guild_id, report_id, KEEPER, [])


async def test_a_story_is_taken_out_of_one_server_only(store: StoryStore) -> None:
    story, passage = await told(store, guild_id=ELSEWHERE, channel_id=90)
    for guild_id, channel_id, message_id in ((GUILD, CHANNEL, 1), (ELSEWHERE, 91, 2)):
        share_id = await store.readers.add_share(story.id, OWNER, guild_id, channel_id)
        await store.readers.set_share_message(share_id, message_id)
    here = await went_on(store, passage)
    await store.set_message(passage.id, 90, 3)
    await store.set_message(here.id, CHANNEL, 4)

    assert await store.review.purge(GUILD, OWNER, KEEPER, [CHANNEL]) == 1

    assert (await found_in(store, GUILD), await found_in(store, ELSEWHERE)) == (set(), {story.id})
    assert {gone.message_id for gone in await store.archives.gone()} == {1, 4}
    assert [share.guild_id for share in await store.readers.shares_of(story.id)] == [ELSEWHERE]
    assert (await store.passage(passage.id)).message_id == 3
    assert (await store.passage(here.id)).channel_id == CHANNEL  # it says who may read the passage elsewhere
    assert await store.review.is_withdrawn(story.id, GUILD)
    assert not await store.review.is_withdrawn(story.id, ELSEWHERE)
    assert not await store.review.is_withdrawn(story.id, None)


async def test_a_purge_takes_what_others_come_across_and_nothing_else(store: StoryStore) -> None:
    mine, _ = await told(store)
    await told(store, private=True)
    theirs, _ = await told(store, owner_id=READER)
    await told(store, guild_id=ELSEWHERE)

    assert await store.review.count_purgeable(GUILD, OWNER) == 1
    assert await store.review.count_purgeable(GUILD, None) == 2
    assert await store.review.purge(GUILD, OWNER, KEEPER, []) == 1
    assert await found_in(store, GUILD) == {theirs.id}
    assert await store.review.count_purgeable(GUILD, OWNER) == 0
    assert [(one.story.id, one.why) for one in await store.review.untold(OWNER)] == [(mine.id, Why.PURGE)]
    await store.review.told(OWNER)
    assert await store.review.untold(OWNER) == []


async def test_what_is_taken_out_is_not_found_loved_or_new(store: StoryStore) -> None:
    story, passage = await told(store)
    await store.readers.toggle_heart(story.id, READER, GUILD)
    number = await store.readers.report(story.id, passage.id, READER, GUILD, "rude")
    await store.review.uphold(GUILD, number, KEEPER, [])
    assert (await store.readers.top(GUILD, 0), await store.readers.random_story(GUILD)) == ([], None)
    assert [one.why for one in await store.review.untold(OWNER)] == [Why.REPORT]


async def test_only_hearts_that_were_given_in_a_server_count_there(store: StoryStore) -> None:
    story, _ = await told(store)
    await store.readers.add_share(story.id, OWNER, ELSEWHERE, 90)
    for reader in (1, 2):
        await store.readers.toggle_heart(story.id, reader, ELSEWHERE)
    await store.readers.toggle_heart(story.id, 3, GUILD)
    await store.readers.toggle_heart(story.id, 4, None)
    assert [one.hearts for one in await store.readers.top(GUILD, 0)] == [1]
    assert [one.hearts for one in await store.readers.top(ELSEWHERE, 0)] == [2]


async def test_the_figures_of_a_server_are_of_its_days_and_its_people(store: StoryStore) -> None:
    story, passage = await told(store)
    today = story.created_at // 86400
    await went_on(store, passage, words="Mine", user_id=READER)
    await told(store, guild_id=ELSEWHERE, owner_id=STRANGER)
    figures = await store.figures.of_server(GUILD, today, 30)
    assert (figures.stories, figures.people, figures.by_genre) == (1, 2, (("horror", 1),))
    assert (figures.by_day, figures.median_wait) == ((*[0] * 29, 1), 0.25)
    before = await store.figures.of_server(GUILD, today + 30, 30)
    assert (before.stories, before.people, before.median_wait, before.p95_wait) == (0, 0, None, None)

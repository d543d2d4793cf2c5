"""Stories told together in a real database: a change is one transaction with the story, and people are forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import CircleNotFound, NotInCircle
from bot.store import Circle, Phase, StoryStore, TurnOrder, Vote
from bot.storytelling.telling import Teller
from bot.storytelling.together import rules
from bot.storytelling.together.wish import Wish
from tests.fakes.stored_stories import CHANNEL, GUILD, files_with

ANNA, BORIS, CARLA = 0x0A5EC4E71D0B5EED, 0x0B0415BEEFCAFE01, 0x0CA41A0000000001
ANNAS_ID = (ANNA.to_bytes(8, "big"), str(ANNA).encode())
NOW = 1000


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


async def begun(
    store: StoryStore, *others: int, order: TurnOrder = TurnOrder.ROUND_ROBIN, starter: int = ANNA
) -> Circle:
    wish = Wish(genre="horror", order=order.value, turn_minutes=5)
    circle = wish.circle(Teller(user_id=starter, guild_id=GUILD, channel_id=CHANNEL), NOW)
    circle = await store.circles.begin(circle, genre="horror", title="The lake", text="The lake was still.")
    await store.circles.change(circle.story_id, lambda circle: rules.opened(circle, NOW))
    for other in others:
        await joined(store, circle.story_id, other)
    return await store.circles.get(circle.story_id)


async def joined(store: StoryStore, story_id: int, user_id: int) -> Circle:
    return await store.circles.change(story_id, lambda circle: rules.joined(circle, user_id, NOW))


async def wrote(store: StoryStore, circle: Circle, user_id: int, words: str) -> Circle:
    return await store.circles.change(
        circle.story_id, lambda now: rules.wrote(now, user_id, now.turn, NOW), words=words, by=user_id
    )


async def test_a_story_told_together_belongs_to_nobody_and_everything_of_its_circle_comes_back(
    store: StoryStore,
) -> None:
    circle = await begun(store, BORIS, CARLA)
    story = await store.story(circle.story_id)
    assert (story.owner_id, story.head_id, story.title, story.private) == (0, circle.tip_id, "The lake", False)
    assert circle.member_ids == (ANNA, BORIS, CARLA)
    assert (circle.turn_user_id, circle.deadline) == (BORIS, NOW + 300)
    assert await store.circles.open_in(CHANNEL) == circle
    assert (await store.counts()).people == 0


async def test_words_and_the_turn_after_them_are_stored_together_or_not_at_all(store: StoryStore) -> None:
    circle = await begun(store, BORIS)
    told = await wrote(store, circle, BORIS, "Then it froze.")
    assert await store.circles.get(circle.story_id) == told
    assert [passage.text for passage in await store.path_to(told.tip_id)] == ["The lake was still.", "Then it froze."]
    assert (await store.story(circle.story_id)).head_id == told.tip_id
    with pytest.raises(NotInCircle):
        await wrote(store, circle, CARLA, "I am nobody.")
    assert len(await store.passages_of(circle.story_id)) == 2
    assert await store.circles.get(circle.story_id) == told


async def test_votes_keep_their_order(store: StoryStore) -> None:
    circle = await begun(store, BORIS)
    votes = (Vote(user_id=BORIS, passage_id=5), Vote(user_id=ANNA, passage_id=6))
    voting = await store.circles.change(
        circle.story_id, lambda circle: replace(circle, phase=Phase.VOTING, candidates=(5, 6), cast=votes)
    )
    assert (await store.circles.get(circle.story_id)).cast == votes == voting.cast


async def test_what_is_due_is_found_in_the_order_of_deadlines(store: StoryStore) -> None:
    early, late = await begun(store, BORIS), await begun(store, BORIS)
    await store.circles.change(late.story_id, lambda circle: replace(circle, deadline=NOW - 5))
    assert await store.circles.next_deadline() == NOW - 5
    assert await store.circles.due(NOW - 6) == []
    assert await store.circles.due(NOW + 300) == [late.story_id, early.story_id]
    await store.circles.put_off(late.story_id, NOW + 900)
    assert await store.circles.due(NOW + 300) == [early.story_id]


async def test_a_change_of_the_turn_does_not_forget_what_was_shown_meanwhile(store: StoryStore) -> None:
    circle = await begun(store, BORIS)
    assert await store.circles.unfinished() == [circle.story_id]
    await store.circles.shown(circle.story_id, circle.turn, 77)
    assert await store.circles.unfinished() == []
    await joined(store, circle.story_id, CARLA)
    again = await store.circles.get(circle.story_id)
    assert (again.message_id, again.shown_turn) == (77, circle.turn)


async def test_with_its_story_a_circle_is_gone(store: StoryStore) -> None:
    circle = await begun(store, BORIS)
    await store.delete_story(circle.story_id)
    for deed in (store.circles.get(circle.story_id), joined(store, circle.story_id, CARLA)):
        with pytest.raises(CircleNotFound):
            await deed
    assert await store.circles.next_deadline() is None


@pytest.mark.parametrize("words_too", [True, False])
async def test_who_is_forgotten_leaves_no_trace_and_the_story_goes_on(
    tmp_path: Path, store: StoryStore, words_too: bool
) -> None:
    circle = await begun(store, BORIS)
    told = await wrote(store, circle, BORIS, "Boris writes.")
    assert told.turn_user_id == ANNA
    assert (await store.people.summary_of(ANNA)).circles == 1

    await store.people.forget(ANNA, words_in_others=words_too)

    assert files_with(tmp_path, *ANNAS_ID) == []
    left = await store.circles.get(circle.story_id)
    assert (left.starter_id, left.turn_user_id, left.member_ids) == (0, None, (BORIS,))
    assert left.deadline is not None
    went_on = await store.circles.change(circle.story_id, lambda now: rules.timed_out(now, left.deadline or 0))
    assert went_on.turn_user_id == BORIS
    texts = [passage.text for passage in await store.path_to(went_on.tip_id)]
    assert texts == ["" if words_too else "The lake was still.", "Boris writes."]


async def test_everything_of_a_person_names_the_stories_that_they_tell_with_others(store: StoryStore) -> None:
    mine, theirs = await begun(store), await begun(store, ANNA, starter=BORIS)
    await begun(store, CARLA, starter=BORIS)
    found = (await store.people.everything_of(ANNA))["stories_told_together"]
    assert [(row["story_id"], row["began_it"], row["takes_part"]) for row in found] == [
        (mine.story_id, 1, 1), (theirs.story_id, 0, 1),
    ]  # fmt: skip


async def test_a_process_looks_after_the_stories_of_its_own_servers_only(tmp_path: Path) -> None:
    path = tmp_path / "stories.sqlite3"
    async with StoryStore(path) as whole:
        circle = await begun(whole, BORIS)
        mine, shards = (GUILD >> 22) % 3, 3
        assert await whole.circles.due(NOW + 300) == await whole.circles.unshown() == [circle.story_id]
    for shard in range(shards):
        async with StoryStore(path, shard=shard, shard_ids=[shard], shard_count=shards) as store:
            expected = [circle.story_id] if shard == mine else []
            assert await store.circles.due(NOW + 300) == expected
            assert await store.circles.unshown() == await store.circles.unfinished() == expected
            assert await store.circles.next_deadline() == (NOW + 300 if expected else None)

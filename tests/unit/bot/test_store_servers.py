"""What servers decide, in the database: also with several programs on one file, and when people are forgotten."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import NotBlocked, TooSoon
from bot.store import NewPassage, PassageState, Quota, StoryStore
from bot.store.server_changes import KEPT_SECONDS
from bot.store.server_rows import NO_RULES, ChannelMode, Limits, RulesPart, ServerRules
from storygen.sampling import SamplingOptions
from tests.fakes.stored_stories import CHANNEL, GUILD, files_with

ANNA, BORIS, MIA = 0x0A5EC4E71D0B5EED, 42, 43
QUOTA = Quota(guild_id=GUILD, cooldown=0, an_hour=2)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


def only_here(rules: ServerRules) -> ServerRules:
    return replace(rules, channel_mode=ChannelMode.ONLY, channels=(*rules.channels, CHANNEL))


async def tell(store: StoryStore, user_id: int = ANNA, quota: Quota | None = QUOTA) -> int:
    new = NewPassage(user_id=user_id, text="The lake", options=SamplingOptions(), seed=1, model="m", quota=quota)
    _, passage = await store.add_story(new, guild_id=GUILD, channel_id=CHANNEL, genre="horror", title="", private=False)
    return passage.id


def change(tmp_path: Path, statement: str) -> None:
    with closing(sqlite3.connect(tmp_path / "stories.sqlite3")) as connection, connection:
        connection.execute(statement)


async def test_a_server_that_nobody_has_touched_has_no_rules(store: StoryStore) -> None:
    assert await store.servers.rules_of(GUILD) == NO_RULES
    assert await store.servers.changes_of(GUILD) == []


async def test_what_one_program_changes_holds_in_another_at_once(tmp_path: Path, store: StoryStore) -> None:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as other:
        assert (await other.servers.rules_of(GUILD)) == NO_RULES
        await store.servers.change_rules(GUILD, MIA, RulesPart.CHANNELS, only_here)
        await store.servers.block(GUILD, ANNA, "Spam", by=MIA)
        standing = await other.servers.standing(GUILD, ANNA)
        assert (standing.rules.channels, standing.blocked) == ((CHANNEL,), True)
        assert not (await other.servers.standing(GUILD, BORIS)).blocked
        assert not (await other.servers.standing(GUILD + 1, ANNA)).blocked
        await other.servers.unblock(GUILD, ANNA, by=MIA)
        assert not (await store.servers.standing(GUILD, ANNA)).blocked


async def test_changes_at_the_same_time_are_all_kept(tmp_path: Path, store: StoryStore) -> None:
    async def add(where: StoryStore, number: int) -> None:
        def change(rules: ServerRules) -> ServerRules:
            return replace(rules, teller_roles=(*rules.teller_roles, number))

        await where.servers.change_rules(GUILD, MIA, RulesPart.ROLES, change)

    async with StoryStore.open(tmp_path / "stories.sqlite3") as other:
        await asyncio.gather(*(add(store if number % 2 else other, number) for number in range(20)))
    assert sorted((await store.servers.rules_of(GUILD)).teller_roles) == list(range(20))
    assert len(await store.servers.changes_of(GUILD)) == 20


async def test_a_change_that_fails_or_changes_nothing_leaves_no_trace(store: StoryStore) -> None:
    def fails(_rules: ServerRules) -> ServerRules:
        raise NotBlocked(1)

    with pytest.raises(NotBlocked):
        await store.servers.change_rules(GUILD, MIA, RulesPart.ROLES, fails)
    await store.servers.change_rules(GUILD, MIA, RulesPart.ROLES, lambda rules: rules)
    with pytest.raises(NotBlocked):
        await store.servers.unblock(GUILD, ANNA, by=MIA)
    assert await store.servers.changes_of(GUILD) == []


async def test_the_log_says_from_what_to_what(store: StoryStore) -> None:
    await store.servers.change_rules(
        GUILD, MIA, RulesPart.LIMITS, lambda rules: replace(rules, limits=Limits(an_hour=3))
    )
    (line,) = await store.servers.changes_of(GUILD)
    assert (line.user_id, line.what) == (MIA, "limits")
    assert line.details == {
        "before": {"limits": "{}", "role_limits": "{}"}, "after": {"limits": '{"an_hour": 3}', "role_limits": "{}"},
    }  # fmt: skip


async def test_old_changes_go_with_the_next_one(tmp_path: Path, store: StoryStore) -> None:
    await store.servers.block(GUILD, ANNA, "", by=MIA)
    change(tmp_path, f"UPDATE server_changes SET created_at = created_at - {KEPT_SECONDS + 1}")  # noqa: S608 - a number
    await store.servers.block(GUILD, BORIS, "", by=MIA)
    assert [line.details["person"] for line in await store.servers.changes_of(GUILD)] == [BORIS]
    assert await store.servers.count_blocks(GUILD) == 2


async def test_the_limit_of_an_hour_frees_a_place_when_the_oldest_is_an_hour_ago(
    tmp_path: Path, store: StoryStore
) -> None:
    await tell(store)
    await tell(store)
    with pytest.raises(TooSoon) as refused:
        await tell(store)
    assert refused.value.an_hour == 2
    change(tmp_path, "UPDATE recent_tellings SET told_at = told_at - 3599 WHERE passage_id = 2")
    with pytest.raises(TooSoon) as refused:
        await store.servers.check_quota(QUOTA, ANNA)
    change(tmp_path, "UPDATE recent_tellings SET told_at = told_at - 1 WHERE passage_id = 2")
    await store.servers.check_quota(QUOTA, ANNA)
    await tell(store)


async def test_what_is_refused_writes_no_row(store: StoryStore) -> None:
    await tell(store, quota=replace(QUOTA, an_hour=1))
    before = await store.counts()
    with pytest.raises(TooSoon):
        await tell(store, quota=replace(QUOTA, an_hour=1))
    assert await store.counts() == before


async def test_of_many_at_one_moment_only_so_many_pass(tmp_path: Path, store: StoryStore) -> None:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as other:
        told = await asyncio.gather(*(tell(store if n % 2 else other) for n in range(12)), return_exceptions=True)
    assert sum(isinstance(each, TooSoon) for each in told) == 10


async def test_a_cooldown_counts_from_the_newest(tmp_path: Path, store: StoryStore) -> None:
    quota = Quota(guild_id=GUILD, cooldown=60, an_hour=0)
    await tell(store, quota=quota)
    with pytest.raises(TooSoon) as refused:
        await tell(store, quota=quota)
    assert refused.value.an_hour == 0
    change(tmp_path, "UPDATE recent_tellings SET told_at = told_at - 60")
    await tell(store, quota=quota)


@pytest.mark.parametrize(
    ("state", "text", "counts"),
    [
        (PassageState.DONE, " froze.", True),
        (PassageState.STOPPED, " fro", True),
        (PassageState.STOPPED, "", False),
        (PassageState.FAILED, "", False),
    ],
)
async def test_only_what_brought_words_counts(store: StoryStore, state: PassageState, text: str, counts: bool) -> None:
    passage_id = await tell(store, quota=replace(QUOTA, an_hour=1))
    await store.finish_passage(passage_id, text=text, state=state, title="")
    if counts:
        with pytest.raises(TooSoon):
            await tell(store, quota=replace(QUOTA, an_hour=1))
    else:
        await tell(store, quota=replace(QUOTA, an_hour=1))


async def test_without_limits_nothing_is_counted(store: StoryStore) -> None:
    await tell(store, quota=None)
    assert (await store.people.everything_of(ANNA))["recent_tellings"] == []


async def test_deleting_everything_lifts_neither_a_block_nor_a_limit(store: StoryStore) -> None:
    await store.servers.block(GUILD, ANNA, "SecretWord", by=MIA)
    await tell(store)
    await tell(store)
    forgotten = await store.people.forget(ANNA, words_in_others=True)
    assert forgotten.servers_left == 1
    assert (await store.servers.standing(GUILD, ANNA)).blocked
    with pytest.raises(TooSoon):
        await store.servers.check_quota(QUOTA, ANNA)
    assert [block.reason for block in await store.servers.blocks_of(GUILD)] == [""]


async def test_who_is_forgotten_is_no_longer_named_in_blocks_and_changes(tmp_path: Path, store: StoryStore) -> None:
    await store.servers.block(GUILD, BORIS, "SecretWord of Anna", by=ANNA)
    await store.servers.change_rules(GUILD, ANNA, RulesPart.CHANNELS, only_here)
    await store.servers.block(GUILD, ANNA, "SecretWord about Anna", by=MIA)
    await store.servers.unblock(GUILD, ANNA, by=MIA)
    everything = await store.people.everything_of(ANNA)
    assert [line["what"] for line in everything["server_changes"]] == ["block", "channels"]
    assert [line["what"] for line in everything["server_changes_about_you"]] == ["block", "unblock"]
    assert "user_id" not in everything["server_changes_about_you"][0]

    forgotten = await store.people.forget(ANNA, words_in_others=True)

    assert forgotten.servers_left == 0
    assert files_with(tmp_path, b"SecretWord about", ANNA.to_bytes(8, "big"), str(ANNA).encode()) == []
    assert [line.user_id for line in await store.servers.changes_of(GUILD)] == [MIA, MIA, 0, 0]
    assert [line.details.get("person") for line in await store.servers.changes_of(GUILD)] == [0, 0, None, BORIS]
    (block,) = await store.servers.blocks_of(GUILD)
    assert (block.user_id, block.blocked_by) == (BORIS, 0)


async def test_a_person_gets_what_servers_have_against_them_but_not_who_blocked_them(store: StoryStore) -> None:
    await store.servers.block(GUILD, ANNA, "Spam", by=MIA)
    await tell(store)
    everything = await store.people.everything_of(ANNA)
    assert [(row["guild_id"], row["reason"]) for row in everything["blocks"]] == [(GUILD, "Spam")]
    assert "blocked_by" not in everything["blocks"][0]
    assert len(everything["recent_tellings"]) == 1
    summary = await store.people.summary_of(ANNA)
    assert (summary.blocks, summary.server_changes, summary.recent_tellings) == (1, 0, 1)
    assert (await store.people.summary_of(MIA)).server_changes == 1

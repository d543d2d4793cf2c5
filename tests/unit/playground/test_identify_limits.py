"""How often shards may log in, as Discord counts it."""

from __future__ import annotations

import asyncio

from bot.playground import Playground
from bot.playground.identify_limits import DAY_SECONDS, PER_DAY, IdentifyLimits
from tests.unit.playground.small_bot import running


class Moved:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds


def test_one_of_a_bucket_every_five_seconds() -> None:
    clock = Moved()
    limits = IdentifyLimits(max_concurrency=2, now=clock.now)
    assert [limits.admit(shard) for shard in (0, 1, 2, 3)] == [True, True, False, False]
    clock.seconds += 4.9
    assert not limits.admit(2)
    clock.seconds += 0.1
    assert [limits.admit(shard) for shard in (2, 3)] == [True, True]
    assert limits.refused == 3


def test_a_thousand_a_day() -> None:
    clock = Moved()
    limits = IdentifyLimits(seconds=0.0, now=clock.now)
    assert all(limits.admit(0) for _ in range(PER_DAY))
    assert not limits.admit(0)
    assert limits.json()["remaining"] == 0
    clock.seconds += DAY_SECONDS
    assert limits.json()["remaining"] == PER_DAY
    assert limits.admit(0)


async def test_a_shard_that_comes_too_soon_is_told_that_its_session_is_invalid_and_comes_again() -> None:
    async with Playground(shards=2, identify_seconds=0.4) as playground, running(playground, shards=2):
        await playground.bot_ready(10)
        assert playground.gateway.limits.refused >= 1
        assert {session.shard for session in playground.gateway.sessions.values()} == {0, 1}


async def test_shards_of_different_buckets_come_together() -> None:
    async with (
        Playground(shards=2, max_concurrency=2, identify_seconds=60.0) as playground,
        running(playground, shards=2),
    ):
        await asyncio.wait_for(playground.bot_ready(10), 10)
        assert playground.gateway.limits.refused == 0

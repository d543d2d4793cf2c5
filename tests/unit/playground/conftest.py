"""A playground, and a small bot that is logged in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.playground import Playground, User
from tests.unit.playground.small_bot import SmallBot, running


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with Playground(message_limit=50) as playground:
        yield playground
    assert playground.unknown_routes == []
    assert playground.faults == []


@pytest.fixture
async def bot(playground: Playground) -> AsyncIterator[SmallBot]:
    async with running(playground) as bot:
        yield bot


@pytest.fixture
def ada(playground: Playground) -> User:
    return playground.add_user("Ada")

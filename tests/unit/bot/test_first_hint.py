from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from bot.cogs.first_hint import FIRST_HINT, hint_at_first
from bot.store import NewPassage, StoryStore
from storygen.sampling import SamplingOptions

ANNA, BORIS = 1, 2


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


async def tell(store: StoryStore, user_id: int) -> None:
    new = NewPassage(user_id=user_id, text="A door.", options=SamplingOptions(), seed=1, model="scripted")
    await store.add_story(new, guild_id=None, channel_id=1, genre="drama", title="", private=False)


async def hints(store: StoryStore, user_id: int, *, error: Exception | None = None) -> list[Any]:
    """Give what a person is sent after a story."""
    sent: list[Any] = []

    async def send(content: str, *, ephemeral: bool) -> None:
        if error is not None:
            raise error
        sent.append((content, ephemeral))

    interaction: Any = SimpleNamespace(id=9, user=SimpleNamespace(id=user_id), followup=SimpleNamespace(send=send))
    await hint_at_first(interaction, store)
    return sent


async def test_after_the_first_story_there_is_a_hint_that_only_its_person_sees(store: StoryStore) -> None:
    await tell(store, ANNA)
    assert await hints(store, ANNA) == [(FIRST_HINT, True)]


async def test_after_the_second_story_there_is_none_whatever_others_have_told(store: StoryStore) -> None:
    await tell(store, ANNA)
    await tell(store, ANNA)
    await tell(store, BORIS)
    assert await hints(store, ANNA) == []
    assert await hints(store, BORIS) == [(FIRST_HINT, True)]


async def test_who_keeps_no_history_is_not_told_the_same_after_every_story(store: StoryStore) -> None:
    await store.people.set_keeps_history(ANNA, keeps=False)
    await tell(store, ANNA)
    assert await hints(store, ANNA) == []


async def test_a_hint_that_does_not_arrive_is_no_error(store: StoryStore) -> None:
    await tell(store, ANNA)
    assert await hints(store, ANNA, error=aiohttp.ClientConnectionError("gone")) == []

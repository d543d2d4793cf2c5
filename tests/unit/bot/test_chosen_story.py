"""Whether an answer is for all or for one person has to be decided before the story may be known."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bot.cogs import chosen_story
from bot.cogs.chosen_story import deferred_as_private_as
from bot.errors import BlockedHere, StoryNotFound
from bot.store import StoredStory


@dataclass
class Response:
    """Notes how it was deferred."""

    ephemeral: list[bool] = field(default_factory=list)
    deferred: asyncio.Event = field(default_factory=asyncio.Event)

    async def defer(self, *, ephemeral: bool, thinking: bool) -> None:
        assert thinking
        self.ephemeral.append(ephemeral)
        self.deferred.set()


@dataclass
class Asked:
    response: Response = field(default_factory=Response)


async def admitted() -> None:
    """Let everybody in, as a server without rules does."""


async def refused() -> None:
    raise BlockedHere


def story(*, private: bool) -> StoredStory:
    return StoredStory(
        id=1, owner_id=1, guild_id=None, channel_id=1, genre="horror", title="", head_id=None, private=private,
        created_at=0, updated_at=0,
    )  # fmt: skip


@pytest.mark.parametrize("private", [True, False])
async def test_the_answer_is_as_private_as_the_story(private: bool) -> None:
    async def find() -> StoredStory:
        return story(private=private)

    asked = Asked()
    found = await deferred_as_private_as(cast("Any", asked), find(), admitted())
    assert found.private is private
    assert asked.response.ephemeral == [private]


async def test_where_the_database_takes_its_time_the_answer_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen_story, "PATIENCE_SECONDS", 0.0)
    asked = Asked()

    async def find() -> StoredStory:
        await asked.response.deferred.wait()
        return story(private=False)

    await deferred_as_private_as(cast("Any", asked), find(), admitted())
    assert asked.response.ephemeral == [True]


async def test_that_a_story_is_not_there_is_told_to_one_person_only() -> None:
    async def find() -> StoredStory:
        raise StoryNotFound(1)

    asked = Asked()
    with pytest.raises(StoryNotFound):
        await deferred_as_private_as(cast("Any", asked), find(), admitted())
    assert asked.response.ephemeral == [True]


async def test_where_the_server_refuses_a_person_they_alone_see_their_story() -> None:
    async def find() -> StoredStory:
        return story(private=False)

    asked = Asked()
    await deferred_as_private_as(cast("Any", asked), find(), refused())
    assert asked.response.ephemeral == [True]

"""What is asked of the engine for ``/explore``, and what happens where that goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import Config
from bot.errors import ExplorationFailed, PromptTooLong, ShuttingDown, StillExploring
from bot.moderation import Level
from bot.store import StoryStore
from bot.storytelling.exploring import EXPLORE_PROMPT_LENGTH, WAY_TOKENS, Exploring, Wish
from bot.storytelling.gate import Gate
from bot.storytelling.moderator import Moderator
from bot.storytelling.telling import Teller
from storygen.errors import EngineFailed, QueueFull
from storygen.generation import Generation
from storygen.sampling import PRESETS, SamplingOptions
from storygen.story import FinishReason, StoryRequest
from tests.fakes.scripted_engine import ScriptedEngine

ADA = Teller(user_id=1, guild_id=7, channel_id=2)
BOB = Teller(user_id=2, guild_id=None, channel_id=2)
WISH = Wish(genre="horror", prompt="The door", options=SamplingOptions(temperature=0.4), seed=3)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


def exploring(engine: ScriptedEngine, store: StoryStore) -> Exploring:
    return Exploring(engine, Config(), Gate(store), Moderator(store, Level.EVERYONE))


async def asked_for(engine: ScriptedEngine, count: int) -> None:
    async with asyncio.timeout(10):
        while len(engine.generations) < count:  # noqa: ASYNC110 - a list has no event
            await asyncio.sleep(0.001)


async def test_the_same_opening_is_told_three_ways_with_the_same_seed(store: StoryStore) -> None:
    engine = ScriptedEngine([" one", " two", " three"])
    explored = await exploring(engine, store).explore(ADA, WISH)
    assert [way.text for way in explored.ways] == [" one", " two", " three"]
    assert {(each.seed, each.prompt, each.genre) for each in engine.requests} == {(3, "The door", "horror")}
    temperatures = [each.options.temperature for each in engine.requests]
    assert temperatures == [PRESETS["Focused"].temperature, 0.4, PRESETS["Wild"].temperature]
    assert {each.options.max_new_tokens for each in engine.requests} == {WAY_TOKENS}
    assert explored.picture.startswith(b"\x89PNG")


async def test_everything_is_asked_in_the_persons_name_so_that_turns_are_fair(store: StoryStore) -> None:
    engine = ScriptedEngine([" one", " two", " three"])
    await exploring(engine, store).explore(ADA, WISH)
    assert {(each.user, each.group) for each in engine.requests} == {(1, 7)}
    assert {(each.user, each.group) for each in engine.explored} == {(1, 7)}


async def test_the_prompt_is_cleaned_and_measured_and_sampling_is_on(store: StoryStore) -> None:
    engine = ScriptedEngine([" one", " two", " three"])
    greedy = SamplingOptions(do_sample=False)
    await exploring(engine, store).explore(
        ADA, Wish(genre="horror", prompt=" <BOS> The <horror>door ", options=greedy, seed=3)
    )
    assert engine.explored[0].prompt == "The door"
    assert engine.explored[0].options.do_sample
    with pytest.raises(PromptTooLong):
        await exploring(engine, store).explore(
            ADA, Wish(genre="horror", prompt="x" * (EXPLORE_PROMPT_LENGTH + 1), options=greedy, seed=3)
        )


async def test_one_person_explores_once_at_a_time_and_another_person_beside(store: StoryStore) -> None:
    engine = ScriptedEngine()
    once = exploring(engine, store)
    first = asyncio.create_task(once.explore(ADA, WISH))
    await asked_for(engine, 3)
    with pytest.raises(StillExploring):
        await once.explore(ADA, WISH)
    second = asyncio.create_task(once.explore(BOB, WISH))
    await asked_for(engine, 6)
    for number in range(6):
        engine._end(number, " words", FinishReason.LENGTH)
    assert [way.goes_on for way in (await first).ways] == [True] * 3
    await second
    engine.script = [" x"] * 9
    await once.explore(ADA, WISH)


async def test_where_a_beginning_is_refused_the_others_are_given_up(store: StoryStore) -> None:
    class SmallQueue(ScriptedEngine):
        def submit(self, request: StoryRequest) -> Generation:
            if len(self.generations) == 2:
                raise QueueFull(2)
            return super().submit(request)

    engine = SmallQueue()
    once = exploring(engine, store)
    with pytest.raises(QueueFull):
        await once.explore(ADA, WISH)
    assert [generation.done for generation in engine.generations] == [True, True]
    with pytest.raises(QueueFull):  # and not StillExploring
        await once.explore(ADA, WISH)


async def test_a_model_that_fails_is_an_error_of_its_own_and_the_next_try_is_free(store: StoryStore) -> None:
    engine = ScriptedEngine([" one", EngineFailed("it broke"), " three", " four", " five", " six"])
    once = exploring(engine, store)
    with pytest.raises(ExplorationFailed):
        await once.explore(ADA, WISH)
    assert [way.text for way in (await once.explore(ADA, WISH)).ways] == [" four", " five", " six"]


async def test_who_leaves_gives_up_what_is_being_written(store: StoryStore) -> None:
    engine = ScriptedEngine()
    asked = asyncio.create_task(exploring(engine, store).explore(ADA, WISH))
    await asked_for(engine, 3)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert [generation.done for generation in engine.generations] == [True] * 3


async def test_the_end_of_the_bot_is_told_to_who_waits_and_to_who_comes(store: StoryStore) -> None:
    engine = ScriptedEngine()
    once = exploring(engine, store)
    asked = asyncio.create_task(once.explore(ADA, WISH))
    await asked_for(engine, 3)
    once.close()
    with pytest.raises(ShuttingDown):
        await asked
    with pytest.raises(ShuttingDown):
        await once.explore(BOB, WISH)
    assert [generation.done for generation in engine.generations] == [True] * 3

"""Exploring through the engine: beside stories, in the same line, with the same ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storygen.checkpoint import BUILTIN
from storygen.engine import EngineState
from storygen.engines.loading import load_writer
from storygen.engines.local import LocalEngine
from storygen.engines.remote import RemoteEngine, RemoteOptions
from storygen.engines.story_writer import StoryWriter
from storygen.errors import (
    CheckpointError,
    EngineStopped,
    InvalidOption,
    NotOffered,
    NoTurn,
    QueueFull,
    UnknownGenre,
)
from storygen.exploration import ExploreRequest
from storygen.pipeline import StoryGenerator
from storygen.sampling import SamplingOptions
from storygen.story import StoryRequest
from tests.fakes.tiny_model import write_tiny_checkpoint

SECONDS = 30.0


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model that never ends a story by itself."""
    return str(write_tiny_checkpoint(tmp_path_factory.mktemp("endless") / "m", n_positions=1024, eos_bias=-30.0))


def wanted(prompt: str = "The ship left", *, deadline: float = 60.0, **options: Any) -> ExploreRequest:
    return ExploreRequest(
        genre="horror", prompt=prompt, options=SamplingOptions(**options), deadline_seconds=deadline, user="ada"
    )


def story(*, seed: int = 1, tokens: int = 60) -> StoryRequest:
    return StoryRequest(
        genre="horror", prompt="In the old house", options=SamplingOptions(max_new_tokens=tokens), seed=seed
    )


def held_back(checkpoint: str, gate: threading.Event) -> Callable[[], StoryWriter]:
    def load() -> StoryWriter:
        if not gate.wait(SECONDS):
            raise TimeoutError("the test forgot to open its gate")
        return load_writer(checkpoint, device="cpu", rows=2, threads=1)

    return load


async def running(engine: LocalEngine) -> None:
    async with asyncio.timeout(SECONDS):
        while not engine.status().running:  # noqa: ASYNC110 - a status has no event of its own
            await asyncio.sleep(0.001)


async def test_the_engine_tells_what_the_generator_tells(tiny_checkpoint: Path) -> None:
    generator = StoryGenerator(str(tiny_checkpoint))
    expected = generator.explore("<BOS> <horror> The ship left", top_k=20, temperature=0.7)
    async with LocalEngine(str(tiny_checkpoint), threads=1, dtype="float32") as engine:
        explored = await engine.explore(wanted(top_k=20, temperature=0.7))
    assert (explored.genre, explored.prompt, explored.model) == ("horror", "The ship left", "tiny-0")
    assert [token.text for token in explored.next_tokens.tokens] == [t.text for t in expected.next_tokens.tokens]
    for ours, theirs in zip(explored.next_tokens.tokens, expected.next_tokens.tokens, strict=True):
        assert ours.after == pytest.approx(theirs.after, rel=1e-4)


async def test_a_story_beside_it_is_the_same_story(tiny_checkpoint: Path) -> None:
    async with LocalEngine(str(tiny_checkpoint), threads=1, rows=4) as engine:
        alone = await engine.submit(story(seed=7)).story()
        first = await engine.explore(wanted(temperature=0.5))
        generation = engine.submit(story(seed=7))
        explored = await asyncio.gather(*(engine.explore(wanted(temperature=0.5 + n / 10)) for n in range(6)))
        beside = await generation.story()
    assert beside.text == alone.text
    assert len({each.next_tokens.stages[1].choices for each in explored}) == 6
    told, again = first.next_tokens.tokens, explored[0].next_tokens.tokens
    assert [token.text for token in told] == [token.text for token in again]
    assert [token.after for token in again] == [pytest.approx(token.after, rel=1e-3) for token in told]


async def test_it_waits_for_a_model_that_is_still_loading(endless: str) -> None:
    gate = threading.Event()
    async with LocalEngine(endless, load=held_back(endless, gate)) as engine:
        asked = asyncio.create_task(engine.explore(wanted()))
        await asyncio.sleep(0)
        assert (engine.status().state, engine.status().waiting) == (EngineState.LOADING, 1)
        gate.set()
        assert (await asyncio.wait_for(asked, SECONDS)).next_tokens.tokens


async def test_it_takes_its_turn_while_a_long_story_is_written(endless: str) -> None:
    async with LocalEngine(endless, threads=1, rows=2) as engine, engine.submit(story(tokens=800)) as generation:
        await running(engine)
        await asyncio.wait_for(engine.explore(wanted()), SECONDS)
        assert not generation.done
        assert engine.status().running == 1


async def test_who_leaves_gives_up_the_place(endless: str) -> None:
    gate = threading.Event()
    async with LocalEngine(endless, load=held_back(endless, gate), queue_limit=1) as engine:
        asked = asyncio.create_task(engine.explore(wanted()))
        await asyncio.sleep(0)
        with pytest.raises(QueueFull):
            await engine.explore(wanted())
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert engine.status().waiting == 0
        gate.set()


async def test_a_turn_that_comes_too_late_is_an_error_of_its_own(endless: str) -> None:
    gate = threading.Event()
    async with LocalEngine(endless, load=held_back(endless, gate)) as engine:
        with pytest.raises(NoTurn):
            await engine.explore(wanted(deadline=0.01))
        gate.set()


async def test_an_engine_that_stops_says_so_to_who_waits(endless: str) -> None:
    gate = threading.Event()
    async with LocalEngine(endless, load=held_back(endless, gate)) as engine:
        asked = asyncio.create_task(engine.explore(wanted()))
        await asyncio.sleep(0)
        gate.set()
        engine.pause()
    with pytest.raises(EngineStopped):
        await asked


async def test_nothing_is_taken_before_the_start_or_after_the_end(tiny_checkpoint: Path) -> None:
    engine = LocalEngine(str(tiny_checkpoint), threads=1)
    with pytest.raises(EngineStopped):
        await engine.explore(wanted())
    async with engine:
        assert await engine.drain(SECONDS)
        with pytest.raises(EngineStopped):
            await engine.explore(wanted())


async def test_wrong_requests_are_refused_before_they_wait(tiny_checkpoint: Path) -> None:
    async with LocalEngine(str(tiny_checkpoint), threads=1) as engine:
        with pytest.raises(InvalidOption):
            await engine.explore(wanted(temperature=9.0))
        with pytest.raises(UnknownGenre):
            await engine.explore(ExploreRequest(genre="romance", prompt="", options=SamplingOptions()))


async def test_a_model_that_can_not_be_loaded_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    async with LocalEngine(str(tmp_path / "empty")) as engine:
        with pytest.raises(CheckpointError):
            await asyncio.wait_for(engine.explore(wanted()), SECONDS)


async def test_a_prompt_of_any_length_is_read_in_pieces_between_the_steps(endless: str) -> None:
    async with LocalEngine(endless, threads=1) as engine:
        explored = await engine.explore(wanted("The ship left the station. " * 400))
    assert explored.prompt_was_cut
    assert explored.prompt_tokens > 256


async def test_waiting_times_learn_nothing_from_it(endless: str, monkeypatch: pytest.MonkeyPatch) -> None:
    learned: list[str] = []
    monkeypatch.setattr(
        "storygen.engines.outlook.Outlook.learn", lambda _self, asked, _story: learned.append(asked.prompt)
    )
    async with LocalEngine(endless, threads=1) as engine:
        await engine.explore(wanted())
        await engine.submit(story(tokens=30)).story()
        await asyncio.sleep(0)
    assert learned == ["In the old house"]


async def test_servers_are_not_asked() -> None:
    engine = RemoteEngine(BUILTIN, RemoteOptions(base_urls=("http://127.0.0.1:9",)))
    with pytest.raises(NotOffered):
        await engine.explore(wanted())

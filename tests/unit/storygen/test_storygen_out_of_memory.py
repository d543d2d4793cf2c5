"""A device whose memory is full, met by a real worker with a real model: room is made, and nobody else is harmed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor

from storygen.checkpoint import Checkpoint, load
from storygen.engine import EngineState
from storygen.engines.kv_cache import KeyValueCache
from storygen.engines.loading import load_writer
from storygen.engines.local import LocalEngine
from storygen.engines.model_runner import ModelRunner
from storygen.errors import CheckpointError, OutOfMemory
from storygen.generation import Generation
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason, Story, StoryRequest
from tests.fakes.tiny_model import write_tiny_checkpoint

SECONDS = 30.0
LAYERS = 2
OPTIONS = SamplingOptions(max_new_tokens=30)


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a model that never ends a story by itself."""
    return str(write_tiny_checkpoint(tmp_path_factory.mktemp("endless") / "m", n_positions=1024, eos_bias=-30.0))


class Memory:
    """The device's memory as far as keys and values fill it: so many positions of all rows together, in a layer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.positions = 10**9
        self.refused = 0
        grown = KeyValueCache._grown
        memory = self

        def limited(cache: KeyValueCache, held: Tensor, rows: int, length: int) -> Tensor:
            if rows * length > memory.positions:
                memory.refused += 1
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 MiB.")
            return grown(cache, held, rows, length)

        monkeypatch.setattr(KeyValueCache, "_grown", limited)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    return Memory(monkeypatch)


def request(prompt: str = "The ship left", *, tokens: int = 30, seed: int = 1) -> StoryRequest:
    return StoryRequest(genre="horror", prompt=prompt, options=SamplingOptions(max_new_tokens=tokens), seed=seed)


async def told(generation: Generation) -> Story:
    return await asyncio.wait_for(generation.story(), SECONDS)


def loaded(checkpoint: str, rows: int) -> LocalEngine:
    load = partial(load_writer, checkpoint, device="cpu", rows=rows, threads=1, dtype="float32")
    return LocalEngine(checkpoint, load=load)


async def ready(engine: LocalEngine) -> None:
    async with asyncio.timeout(SECONDS):
        while engine.status().state is EngineState.LOADING:  # noqa: ASYNC110 - a state has no event of its own
            await asyncio.sleep(0.001)


async def test_the_youngest_story_ends_early_with_what_it_has_and_the_others_go_on(
    endless: str, memory: Memory
) -> None:
    async with loaded(endless, 3) as engine:
        await ready(engine)
        memory.positions = 384  # three of 128, two of 192, one of 320 and some more
        stories = [engine.submit(request(tokens=300, seed=seed)) for seed in range(3)]
        ends = [await told(story) for story in stories]
        later = await told(engine.submit(request()))
    assert memory.refused > 0
    assert [end.finish_reason for end in ends] == [FinishReason.LENGTH] * 3
    assert 300 == ends[0].new_tokens > ends[1].new_tokens > ends[2].new_tokens > 0
    assert all(end.text for end in ends)
    assert later.new_tokens == 30


async def test_a_prompt_without_room_is_tried_shorter(endless: str, memory: Memory) -> None:
    async with loaded(endless, 1) as engine:
        await ready(engine)
        memory.positions = 640
        story = await told(engine.submit(request("the war was over " * 250, tokens=40)))
    assert memory.refused > 0
    assert story.prompt_was_cut
    assert (story.new_tokens, story.prompt_tokens <= 512) == (20, True)


async def test_what_has_no_room_at_all_is_refused_and_who_comes_later_is_not(endless: str, memory: Memory) -> None:
    async with loaded(endless, 2) as engine:
        await ready(engine)
        memory.positions = 0
        with pytest.raises(OutOfMemory):
            await told(engine.submit(request()))
        memory.positions = 10**9
        assert (await told(engine.submit(request()))).new_tokens == 30
        assert engine.status().state is EngineState.READY


async def test_a_model_that_has_no_room_for_all_rows_is_used_with_fewer(endless: str, memory: Memory) -> None:
    memory.positions = 3 * 64
    writer = load_writer(endless, device="cpu", rows=8, threads=1, dtype="float32")
    assert writer.free_rows == 2


async def test_a_model_that_has_no_room_for_a_single_row_is_said_to_have_none(endless: str, memory: Memory) -> None:
    memory.positions = 0
    async with loaded(endless, 4) as engine:
        await ready(engine)
        assert engine.status().state is EngineState.FAILED
        with pytest.raises(CheckpointError, match="does not fit into the memory of cpu"):
            engine.submit(request())


@pytest.mark.parametrize("passed", [0, 1, 3])
def test_after_a_step_without_room_the_rows_write_what_they_would_have_written(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch, passed: int
) -> None:
    checkpoint = load(str(tiny_checkpoint))
    left = [10**9]
    for name in ("write_prompt", "write_step"):
        monkeypatch.setattr(KeyValueCache, name, _refusing(getattr(KeyValueCache, name), left))
    whole = _written(checkpoint, lambda _: None)

    def refuse(step: int) -> None:
        left[0] = passed if step in (5, 6, 7, 20) else 10**9

    assert _written(checkpoint, refuse) == whole
    assert left[0] < 10**9 - 1


def _refusing(write: Callable[..., None], left: list[int]) -> Callable[..., None]:
    """Let a write find no memory once so many have passed; the next one finds some."""

    def writing(*arguments: object, **named: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            left[0] = 10**9
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 MiB.")
        write(*arguments, **named)

    return writing


def _written(checkpoint: Checkpoint, before_step: Callable[[int], None]) -> dict[int, list[int]]:
    """Let three rows write, two of which come later with longer prompts; a step that finds no memory is done again."""
    prompts = [list(range(10, 10 + length)) for length in (20, 90, 150)]
    runner = ModelRunner(checkpoint.model, rows=3, ends=[0], forbidden=[])
    texts: dict[int, list[int]] = {runner.add(prompts[0], OPTIONS, seed=4): []}
    for step in range(30):
        if step == 5:
            texts |= {runner.add(prompt, OPTIONS, seed=4): [] for prompt in prompts[1:]}
        before_step(step)
        try:
            drawn = runner.step()
        except OutOfMemory:
            drawn = runner.step()
        for row, token in drawn.items():
            texts[row].append(token)
    return texts

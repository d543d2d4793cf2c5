"""Hundreds of random joins, leaves, cancels, deadlines, pauses, failures: no stream is lost or stuck, all rows free.

``STORYBOT_TEST_STREAMS`` makes it more: with 3500, three runs have 10,500 streams and as many pauses.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from storygen.engines.loading import load_writer
from storygen.engines.local import LocalEngine
from storygen.engines.story_writer import Progress, StoryWriter
from storygen.errors import EngineFailed, QueueFull
from storygen.generation import Generation
from storygen.sampling import SamplingOptions
from storygen.story import FINISHING_TOKENS, FinishReason, StoryRequest, Wanted
from storygen.titles import tidy_title
from tests.fakes.tiny_model import TinyShape, write_tiny_checkpoint

ROWS = 4
STREAMS = int(os.environ.get("STORYBOT_TEST_STREAMS", "150"))
PROMPTS = ["", "The ship left", "She opened the letter. " * 30, "é🦇", "a" * 400]


class FragileWriter(StoryWriter):
    """A real writer that breaks in the middle of its work now and then."""

    random: Random
    chance: float

    def step(self) -> list[Progress]:
        if self._stories and self.random.random() < self.chance:
            raise RuntimeError("struck by chance")
        return super().step()


def fragile(checkpoint: str, seed: int, chance: float, made: list[FragileWriter]) -> Callable[[], StoryWriter]:
    random = Random(seed)  # noqa: S311 - a repeatable test

    def load() -> StoryWriter:
        writer = object.__new__(FragileWriter)
        writer.__dict__.update(load_writer(checkpoint, device="cpu", rows=ROWS, threads=1).__dict__)
        writer.random, writer.chance = random, chance
        made.append(writer)
        return writer

    return load


def random_request(random: Random) -> StoryRequest:
    wants = random.choice([Wanted.TEXT, Wanted.TEXT, Wanted.TEXT, Wanted.TITLE])
    return StoryRequest(
        wants=wants,
        memory=random.choice(["", "", "Ann is a cat. " * random.randint(1, 30)]),
        title=random.choice(["", "", "The Harbour", "🦇" * 100]),
        finish_sentence=random.random() < 0.5,
        genre=random.choice(["horror", "drama"]),
        prompt=random.choice(PROMPTS),
        options=SamplingOptions(
            max_new_tokens=random.randint(30, 60),
            do_sample=random.random() < 0.8,
            top_k=random.choice([0, 1, 50]),
            repetition_penalty=random.choice([1.0, 1.3]),
        ),
        seed=random.randrange(2**63),
        deadline_seconds=random.choice([300.0] * 8 + [0.0, 0.01]),
        user=random.choice(["ann", "bob", "cem", None]),
        group=random.choice(["G", "H", None]),
    )


async def read_and_perhaps_leave(generation: Generation, patience: int) -> str:
    """Read some pieces; give how it ended."""
    read = ""
    try:
        async with generation:
            async for piece in generation:
                read += piece
                patience -= 1
                if not patience:
                    break
        story = await generation.story()
    except EngineFailed:
        return "failed"
    request = generation.request
    if request.wants is Wanted.TITLE:
        assert story.text in {"", tidy_title(generation.text)}
    else:
        assert story.text == generation.text
        assert story.text.startswith(read)
    more = FINISHING_TOKENS if request.finish_sentence else 0
    assert story.new_tokens <= request.options.max_new_tokens + more
    return story.finish_reason


@pytest.mark.timeout(180 + STREAMS / 5)
@pytest.mark.parametrize(("seed", "chance"), [(1, 0.0), (2, 0.0), (3, 0.02)])
async def test_every_stream_ends_and_every_row_is_free_again(
    tmp_path: Path, seed: int, chance: float, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.CRITICAL, logger="storygen")
    monkeypatch.setattr("storygen.engines.worker.RESTARTS", 1000)
    checkpoint = str(
        write_tiny_checkpoint(tmp_path / "m", seed=seed, shape=TinyShape(n_positions=128, eos_bias=2.0, titles=True))
    )
    random, made = Random(seed), list[FragileWriter]()  # noqa: S311 - a repeatable test
    readers: list[asyncio.Task[str]] = []
    refused = 0
    engine = LocalEngine(checkpoint, queue_limit=12, queue_share=0.7, load=fragile(checkpoint, seed, chance, made))
    async with engine, asyncio.timeout(60 + STREAMS / 5):
        while len(readers) < STREAMS:
            random.choice([engine.pause, engine.resume, engine.resume])()
            try:
                generation = engine.submit(random_request(random))
            except QueueFull:
                refused += 1
                engine.resume()
                reading = [reader for reader in readers if not reader.done()]
                await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
            else:
                patience = random.choice([1, 3, 10, 1000, 1000, 1000])
                readers.append(asyncio.create_task(read_and_perhaps_leave(generation, patience)))
            await asyncio.sleep(random.choice([0, 0, 0.001]))
        assert await engine.drain(60)
        ends = Counter(await asyncio.gather(*readers))
        assert (engine.status().waiting, engine.status().running) == (0, 0)
    assert sum(ends.values()) == STREAMS
    assert refused > 0
    assert made[-1].free_rows == ROWS
    assert made[-1]._runner.cache_bytes == 0
    assert {FinishReason.CANCELLED, FinishReason.DEADLINE} <= set(ends)
    assert (ends["failed"] > 0) == (chance > 0) == (len(made) > 1)


async def test_stopping_in_the_middle_ends_every_stream(tmp_path: Path) -> None:
    checkpoint = str(write_tiny_checkpoint(tmp_path / "m", n_positions=128))
    random = Random(9)  # noqa: S311 - a repeatable test
    made: list[FragileWriter] = []
    for stop_after in (0, 1, 5, 20):
        async with LocalEngine(checkpoint, load=fragile(checkpoint, 1, 0.0, made)) as engine:
            generations = [engine.submit(random_request(random)) for _ in range(20)]
            for generation in generations[:stop_after]:
                await asyncio.wait_for(generation.changed(), 30)
        assert all(generation.done for generation in generations)
        assert made[-1].free_rows == ROWS if made else stop_after == 0

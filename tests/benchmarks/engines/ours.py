"""Our engine as the bot uses it: requests to a ``LocalEngine`` on an event loop, text read as it comes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from storygen.engine import EngineState
from storygen.engines.loading import load_writer
from storygen.engines.local import LocalEngine
from storygen.engines.story_writer import StoryWriter
from storygen.story import Story, StoryRequest
from tests.benchmarks.case import Case, Setup, Telling
from tests.benchmarks.workload import Ask, asks


@dataclass(frozen=True, slots=True)
class Made:
    """A writer, and the threads of its worker."""

    writer: StoryWriter
    threads: int


class OurEngine:
    """A started LocalEngine with a loop that only runs while something is measured."""

    def __init__(self, setup: Setup) -> None:
        made: list[Made] = []
        self._engine = local_engine(setup, made)
        self._runner = asyncio.Runner()
        self._runner.run(self._start())
        dtype, threads = made[-1].writer.dtype, made[-1].threads
        self.about = f"storybot, {dtype}, {threads} thread{'s' * (threads > 1)}, each story its own options and seed"
        self.bytes_per_token: int | None = bytes_per_token(made[-1].writer)

    def write(self, case: Case) -> list[Telling]:
        """Submit all stories at once and read each as it comes."""
        return self._runner.run(self._write(case))

    async def _start(self) -> None:
        await self._engine.__aenter__()
        await until_ready(self._engine)

    async def _write(self, case: Case) -> list[Telling]:
        began = time.perf_counter()
        return list(await asyncio.gather(*(tell(self._engine, ask, began) for ask in asks(case))))


async def until_ready(engine: LocalEngine) -> None:
    """Wait until a model is loaded. Raises RuntimeError where none could be."""
    while engine.status().state is EngineState.LOADING:  # noqa: ASYNC110 - the engine has no event for it
        await asyncio.sleep(0.02)
    if engine.status().state is not EngineState.READY:
        raise RuntimeError(f"the engine is {engine.status().state}")


async def tell(engine: LocalEngine, ask: Ask, began: float) -> Telling:
    """Ask for one story and read it to its end."""
    request = StoryRequest(genre=ask.genre, prompt=ask.prompt, options=ask.options, seed=ask.seed)
    first = 0.0
    async with engine.submit(request) as generation:
        async for _ in generation:
            first = first or time.perf_counter() - began
        story: Story = await generation.story()
    return Telling(first=first, last=time.perf_counter() - began, tokens=story.new_tokens)


def local_engine(setup: Setup, made: list[Made]) -> LocalEngine:
    """Make an engine whose stories only end at their length; what its worker makes is put into ``made``."""

    def load() -> StoryWriter:
        import torch

        writer = load_writer(
            setup.checkpoint, device="cpu", rows=setup.most_stories, threads=setup.threads, dtype=setup.dtype
        )
        never_ending(writer)
        made.append(Made(writer, torch.get_num_threads()))
        return writer

    return LocalEngine(setup.checkpoint, rows=setup.most_stories, queue_limit=1000, load=load)


def never_ending(writer: StoryWriter) -> None:
    """Let no token end a story, as with the other engines; the arithmetic stays as it is."""
    import torch

    sampler = writer._runner._sampler
    sampler._forbidden = torch.cat([sampler._forbidden, sampler._ends])


def bytes_per_token(writer: StoryWriter) -> int:
    """Give the bytes of weights that one step reads."""
    return writer._runner._forward.weight_bytes


def load(setup: Setup) -> OurEngine:
    """Start the engine and wait until its model is loaded."""
    return OurEngine(setup)

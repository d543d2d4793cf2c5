"""Whatever servers and people do, every stream ends and nothing is left over."""

from __future__ import annotations

import asyncio
import logging
from random import Random

import pytest

from storygen.checkpoint import BUILTIN
from storygen.engines.remote import RemoteEngine, RemoteOptions
from storygen.engines.remote.errors import RemoteFailed
from storygen.errors import QueueFull
from storygen.generation import Generation
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason, StoryRequest
from tests.fakes.completions_server import Answer, CompletionsServer, dead_url, event, hang, raw, status, story

REQUESTS = 250


def answers(random: Random) -> list[Answer]:
    possible = [
        *[story(" a", " b")] * 6,
        hang(),
        hang(event(" a")),
        raw(event(" a"), cut=True),
        raw(cut=True),
        raw(b"data: {\n\n"),
        status(500),
        status(429, Retry_After="0.01"),
        status(400),
        status(422, "unknown 'top_k'"),
    ]
    return random.choices(possible, k=4 * REQUESTS)


async def outcome(generation: Generation, random: Random) -> str:
    """Read a story to its end, or leave it at some point; say how it ended."""
    patience = random.choice([0, 1, 2, 1000])
    async with generation:
        while not generation.done and patience:
            await generation.changed()
            patience -= 1
    try:
        return (await generation.story()).finish_reason
    except RemoteFailed as failure:
        return type(failure).__name__


@pytest.mark.parametrize("seed", range(3))
async def test_every_story_ends_and_the_engine_is_idle_then(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    random = Random(seed)  # noqa: S311 - no secret
    async with (
        asyncio.timeout(60),
        CompletionsServer(*answers(random)) as one,
        CompletionsServer(*answers(random)) as other,
    ):
        options = RemoteOptions(
            base_urls=(one.url, other.url, dead_url()),
            at_once=6,
            first_seconds=0.4,
            between_seconds=0.4,
            backoff_seconds=0.001,
        )
        async with RemoteEngine(BUILTIN, options, queue_limit=20) as engine:
            readers: list[asyncio.Task[str]] = []
            while len(readers) < REQUESTS:
                request = StoryRequest(
                    genre="horror",
                    prompt="",
                    options=SamplingOptions(),
                    seed=1,
                    deadline_seconds=random.choice([0.02, 0.3, 30.0]),
                    user=random.randrange(5),
                )
                try:
                    generation = engine.submit(request)
                except QueueFull:
                    pending = [reader for reader in readers if not reader.done()]
                    await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                else:
                    readers.append(asyncio.create_task(outcome(generation, random)))
            ends = await asyncio.gather(*readers)
            status_at_end = engine.status()
            assert (status_at_end.waiting, status_at_end.running) == (0, 0)
            assert sum(server.running for server in engine._servers) == 0
    assert {FinishReason.EOS, FinishReason.CANCELLED, FinishReason.DEADLINE, "StoryBroken"} <= set(ends)
    assert [record.message for record in caplog.records] == []
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("storygen-remote")] == []

"""The remote engine on a real vLLM with the built-in model, which whoever runs these tests has started.

docs/scaling.md says how to start one, also without a GPU; ``STORYBOT_TEST_VLLM`` has its address, with ``/v1``.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from storygen.checkpoint import BUILTIN
from storygen.engine import EngineState
from storygen.engines.local import LocalEngine
from storygen.engines.remote import RemoteEngine, RemoteOptions
from storygen.story import FinishReason
from tests.contract.remote_stories import request, told

URL = os.environ.get("STORYBOT_TEST_VLLM", "")
KEY = os.environ.get("STORYBOT_TEST_VLLM_KEY", "")

pytestmark = pytest.mark.skipif(not URL, reason="STORYBOT_TEST_VLLM names no vLLM that serves the built-in model")


@asynccontextmanager
async def remote(**options: Any) -> AsyncIterator[RemoteEngine]:
    made = RemoteEngine(BUILTIN, RemoteOptions(base_urls=(URL,), api_key=KEY, **options))
    async with asyncio.timeout(120), made as engine:
        yield engine


async def running_there() -> float:
    """Give the number of requests that vLLM works on, by its own metrics."""
    async with aiohttp.ClientSession() as session, session.get(f"{URL.removesuffix('/v1')}/metrics") as response:
        lines = (await response.text()).splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("vllm:num_requests_running"))


async def test_all_our_fields_are_taken_and_the_story_has_no_control_tokens(caplog: pytest.LogCaptureFixture) -> None:
    async with remote() as engine:
        stories = [await told(engine, request(seed=seed)) for seed in (1, 2)]
        assert engine.status().state is EngineState.READY
    for story in stories:
        assert len(story.text.split()) > 5
        assert "<" not in story.text
        assert 8 <= story.new_tokens <= 60
    assert stories[0].text != stories[1].text
    assert not any("is sent them no more" in line for line in caplog.messages)


@pytest.mark.parametrize("penalty", [1.0, 1.3])
async def test_without_drawing_it_writes_what_the_local_engine_writes(penalty: float) -> None:
    wanted = request(do_sample=False, repetition_penalty=penalty)
    async with remote() as engine:
        there = await told(engine, wanted)
    async with LocalEngine(BUILTIN, device="cpu", threads=1, dtype="float32") as engine:
        here = await told(engine, wanted)
    assert (there.text, there.finish_reason) == (here.text, here.finish_reason)
    assert (there.prompt_tokens, there.new_tokens) == (here.prompt_tokens, here.new_tokens)


async def test_our_options_arrive() -> None:
    async with remote() as engine:
        greedy = await told(engine, request(do_sample=False, repetition_penalty=1.0))
        narrow = await told(engine, request(top_k=1, temperature=2.0, repetition_penalty=1.0))
        wide = await told(engine, request(top_k=0, top_p=1.0, temperature=2.0))
    assert narrow.text == greedy.text
    assert wide.text != greedy.text


async def test_a_seed_tells_its_story_again_also_beside_others() -> None:
    async with remote(at_once=8) as engine:
        alone = await told(engine, request(seed=2**53 - 1))
        beside = await asyncio.gather(*(told(engine, request(seed=seed)) for seed in (2**53 - 1, 1, 2, 3)))
    assert beside[0].text == alone.text
    assert len({story.text for story in beside}) == 4


async def test_many_stories_at_once_all_end() -> None:
    async with remote(at_once=32) as engine:
        stories = await asyncio.gather(*(told(engine, request(seed=seed, max_new_tokens=200)) for seed in range(40)))
    assert all(story.new_tokens >= 8 for story in stories)
    assert {story.finish_reason for story in stories} <= {FinishReason.EOS, FinishReason.LENGTH}
    assert any(story.finish_reason is FinishReason.EOS for story in stories)


async def test_a_cancelled_story_stops_the_server() -> None:
    async with remote() as engine:
        async with engine.submit(request(max_new_tokens=400)) as generation:
            while not generation.text:
                await generation.changed()
            assert await running_there() == 1
        cancelled = await generation.story()
        after = await told(engine, request(max_new_tokens=30))
        assert await running_there() == 0
    assert cancelled.finish_reason is FinishReason.CANCELLED
    assert 0 < cancelled.new_tokens < 400
    assert after.new_tokens >= 8

"""The remote engine on a real server: transformers' own, with the built-in model, started here."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from subprocess import Popen
from typing import Any

import aiohttp
import pytest

from storygen.checkpoint import BUILTIN, checkpoint_path
from storygen.engine import EngineState
from storygen.engines.local import LocalEngine
from storygen.engines.remote import RemoteEngine, RemoteOptions
from storygen.story import FinishReason
from tests.contract.remote_stories import request, told

NEEDED = ("fastapi", "uvicorn", "openai")
MODEL = checkpoint_path(BUILTIN)
START_SECONDS = 120

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        any(find_spec(name) is None for name in NEEDED),
        reason=f"transformers' server needs {', '.join(NEEDED)}: pip install -e '.[serve]'",
    ),
]


@dataclass(frozen=True)
class Serving:
    url: str


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Start ``transformers serve`` and wait until it answers."""
    folder = tmp_path_factory.mktemp("serve")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", MODEL]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder), "OMP_NUM_THREADS": "1"}
    log = folder / "log"
    with log.open("wb") as output, Popen(command, env=environment, stdout=output, stderr=output) as process:  # noqa: S603
        try:
            asyncio.run(_answers(f"http://127.0.0.1:{port}/health", process))
            if process.poll() is not None:
                pytest.fail(f"the server ended: {log.read_text()[-2000:]}")
            yield Serving(f"http://127.0.0.1:{port}/v1")
        finally:
            process.terminate()


async def _answers(url: str, process: Popen[bytes]) -> None:
    """Wait until the server answers, or its process has ended."""
    async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as session:
        while process.poll() is None:
            with suppress(aiohttp.ClientError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.2)


@asynccontextmanager
async def remote(serving: Serving, **options: Any) -> AsyncIterator[RemoteEngine]:
    made = RemoteEngine(BUILTIN, RemoteOptions(base_urls=(serving.url,), model=MODEL, **options))
    async with asyncio.timeout(120), made as engine:
        yield engine


async def test_a_story_is_told_and_the_fields_that_the_server_does_not_know_are_remembered(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    async with remote(serving) as engine:
        stories = [await told(engine, request(seed=seed)) for seed in (1, 2)]
        assert engine.status().state is EngineState.READY
    for story in stories:
        assert len(story.text.split()) > 5
        assert "<" not in story.text
        assert story.finish_reason in {FinishReason.EOS, FinishReason.LENGTH}
        assert 8 <= story.new_tokens <= 60
        assert story.model == "builtin"
    assert stories[0].text != stories[1].text
    assert sum("is sent them no more" in line for line in caplog.messages) == 1


@pytest.mark.parametrize("penalty", [1.0, 1.3])
async def test_without_drawing_it_writes_what_the_local_engine_writes(serving: Serving, penalty: float) -> None:
    wanted = request(do_sample=False, repetition_penalty=penalty)
    async with remote(serving) as engine:
        there = await told(engine, wanted)
    async with LocalEngine(BUILTIN, device="cpu", threads=1, dtype="float32") as engine:
        here = await told(engine, wanted)
    assert (there.text, there.finish_reason) == (here.text, here.finish_reason)
    assert (there.prompt_tokens, there.new_tokens) == (here.prompt_tokens, here.new_tokens)


async def test_our_options_arrive_where_the_server_does_not_know_their_names(serving: Serving) -> None:
    async with remote(serving) as engine:
        greedy = await told(engine, request(do_sample=False))
        narrow = await told(engine, request(top_k=1, temperature=2.0))
        wide = await told(engine, request(top_k=0, top_p=1.0, temperature=2.0))
    assert narrow.text == greedy.text
    assert wide.text != greedy.text


async def test_the_same_seed_tells_the_same_story_where_nobody_else_asks(serving: Serving) -> None:
    async with remote(serving) as engine:
        assert (await told(engine, request(seed=2**53 - 1))).text == (await told(engine, request(seed=2**53 - 1))).text


async def test_several_stories_at_once_all_end(serving: Serving) -> None:
    async with remote(serving, at_once=3) as engine:
        stories = await asyncio.gather(*(told(engine, request(seed=seed)) for seed in range(5)))
    assert all(story.new_tokens >= 8 for story in stories)


async def test_a_cancelled_story_stops_the_server(serving: Serving) -> None:
    async with remote(serving) as engine:
        async with engine.submit(request(max_new_tokens=400)) as generation:
            while not generation.text:
                await generation.changed()
        cancelled = await generation.story()
        # The server writes one story after another, so this one comes only when it has left the other.
        after = await told(engine, request(max_new_tokens=30))
    assert cancelled.finish_reason is FinishReason.CANCELLED
    assert 0 < cancelled.new_tokens < 400
    assert after.new_tokens >= 8

"""The remote engine against a server that means harm, or is somebody else's than the operator thinks."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from aiohttp import web

from storygen.engines.remote.answer import MOST_TOKENS, read_event
from storygen.engines.remote.errors import RemoteFailed, ServerRefused, ServerUnavailable
from storygen.engines.remote.event_stream import LONGEST, EventStream
from storygen.engines.remote.telling import LONGEST_TOKEN
from storygen.story import FINISHING_TOKENS, FinishReason
from tests.fakes.completions_server import DONE, MODEL, Answer, Asked, CompletionsServer, event, raw
from tests.unit.storygen.test_storygen_remote_engine import engine_on, failed, request, told

KEY = "sk-very-secret"


def redirect(to: str) -> Answer:
    async def answer(_asked: Asked) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"{to}/completions"})

    return answer


def endless(text: str) -> Answer:
    """Send events until the client leaves."""

    async def answer(asked: Asked) -> web.StreamResponse:
        response = await asked.stream()
        while True:
            await response.write(event(text))

    return answer


def packed(data: bytes) -> Answer:
    async def answer(asked: Asked) -> web.StreamResponse:
        headers = {"Content-Encoding": "gzip", "Content-Type": "text/event-stream"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(asked.request)
        await response.write(data)
        return response

    return answer


async def test_a_redirect_is_not_followed_and_the_key_stays_here() -> None:
    async with CompletionsServer() as elsewhere, CompletionsServer(redirect(elsewhere.url)) as server:
        async with engine_on(server, api_key=KEY) as engine:
            with pytest.raises(ServerRefused):
                await engine.submit(request()).story()
        assert server.asked[0].request.headers["Authorization"] == f"Bearer {KEY}"
        assert (elsewhere.asked, elsewhere.asked_for_models) == ([], 0)


async def test_a_story_without_end_ends_and_the_server_is_left() -> None:
    async with CompletionsServer(endless("a word " * 20)) as server, engine_on(server) as engine:
        story = await engine.submit(request()).story()
        await (await server.was_asked()).left.wait()
    assert story.finish_reason is FinishReason.LENGTH
    assert len(story.text) == (40 + FINISHING_TOKENS) * LONGEST_TOKEN


async def test_what_comes_packed_is_not_unpacked() -> None:
    data = gzip.compress(b"".join((event(" a"), event("", "stop"), DONE)))
    error, shown, server = await failed(*[packed(data)] * 9)
    assert isinstance(error, RemoteFailed)
    assert shown == ""
    assert {asked.request.headers["Accept-Encoding"] for asked in server.asked} == {"identity"}


async def test_control_characters_and_halves_of_characters_do_not_come_into_a_story() -> None:
    story, _ = await told(raw(event(" a\x1b[2J\x00\x9b\ud83d\u202eb\n"), event("", "stop"), b"data: [DONE]\n\n"))
    assert story.text == " a[2Jb\n"


async def test_a_control_token_with_a_control_character_in_it_is_taken_out_too() -> None:
    story, _ = await told(raw(event(" a<B\x00OS> b"), event("", "stop"), b"data: [DONE]\n\n"))
    assert story.text == " a b"


@pytest.mark.parametrize("count", [-1, MOST_TOKENS + 1, 10**30, 1.5, "7", [7]])
def test_a_count_that_is_none_is_the_servers_fault(count: Any) -> None:
    with pytest.raises(ServerUnavailable):
        read_event("s", json.dumps({"choices": [], "usage": {"completion_tokens": count}}))


@pytest.mark.parametrize("data", ["[" * 100_000, '{"choices":' * 100_000, "9" * 100_000])
def test_an_event_of_many_storeys_is_the_servers_fault(data: str) -> None:
    with pytest.raises(ServerUnavailable):
        read_event("s", data)


@pytest.mark.parametrize("part", [b"data: x\n", b"data\n", b"data:" + b"x" * LONGEST])
def test_an_event_is_only_so_long_whatever_it_is_made_of(part: bytes) -> None:
    stream = EventStream()

    def send() -> None:
        for _ in range(LONGEST + 1):
            stream.add(part)

    with pytest.raises(ValueError, match="without an end"):
        send()


@pytest.mark.parametrize(
    "models",
    [
        [{"id": "x" * 1_000}],
        [{"id": "evil\x1b[2J"}],
        [{"id": "@everyone\n"}],
        [{"id": ["a"]}],
        [{"id": MODEL, "more": "x" * 2_000_000}],
        "no list",
        [7],
    ],
)
async def test_a_name_that_is_none_is_not_taken(models: Any) -> None:
    async with CompletionsServer(models=models) as server, engine_on(server) as engine:
        with pytest.raises(ServerRefused):
            await engine.submit(request()).story()
        assert server.asked == []


async def test_a_size_that_no_model_has_is_not_believed() -> None:
    models = [{"id": MODEL, "max_model_len": 10**400}]
    async with CompletionsServer(models=models) as server, engine_on(server) as engine:
        assert (await engine.submit(request()).story()).text == " and then."

"""One request to one server, and the text as it comes.

Leaving the stream closes the connection, which is how a server is told to stop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp

from storygen.engines.remote.answer import Chunk, error_for, read_event
from storygen.engines.remote.errors import RemoteFailed, ServerUnavailable
from storygen.engines.remote.event_stream import EventStream
from storygen.engines.remote.options import RemoteOptions
from storygen.engines.remote.server import Server

_ERROR_BYTES = 65_536
_MODELS_BYTES = 1_000_000
_LONGEST_NAME = 300
_MOST_POSITIONS = 100_000_000
_OK = 200
_BROKEN = (TimeoutError, aiohttp.ClientError, OSError)
_USAGE_SECONDS = 2.0
"""What comes behind the end is only the count of tokens, so it is not waited for longer."""


def new_session(options: RemoteOptions) -> aiohttp.ClientSession:
    """Make the client: a connection a story, no cookies, the key with every request.

    Nothing comes packed: a few bytes can be packed gigabytes.
    """
    headers = {"Authorization": f"Bearer {options.api_key}"} if options.api_key else {}
    return aiohttp.ClientSession(
        headers={"Accept-Encoding": "identity", **headers},
        auto_decompress=False,
        # A connection that was kept may be gone when it is wanted again, and a POST is not repeated by itself.
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=options.connect_seconds),
    )


async def ask_about_model(session: aiohttp.ClientSession, server: Server, options: RemoteOptions) -> None:
    """Ask a server for its model's name, where the operator gives none, and size.

    Raises ServerUnavailable and ServerRefused; what is only missing in the answer is left as it was.
    """
    try:
        async with (
            asyncio.timeout(options.first_seconds),
            session.get(server.url / "models", allow_redirects=False) as response,
        ):
            if response.status != _OK and server.model:
                return  # it is there; that it can't list its models is no matter, its model has a name already
            if response.status != _OK:
                raise error_for(server.name, response.status, "", (), response.headers.get("Retry-After"))
            models = json.loads(await _whole(response, _MODELS_BYTES))["data"]
            found = next(each for each in models if _is_name(each["id"]) and options.model in {"", each["id"]})
    except _BROKEN as error:
        raise ServerUnavailable(server.name, _problem(error)) from None
    except (ValueError, RecursionError, TypeError, LookupError, StopIteration):
        return
    _learn(server, found)


def _learn(server: Server, found: dict[str, Any]) -> None:
    if not server.model:
        server.model = found["id"]
    positions = found.get("max_model_len")  # vLLM says it
    if isinstance(positions, int) and 0 < positions <= _MOST_POSITIONS:
        server.positions = positions


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME and name.isprintable()


async def _whole(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read a body to its end. Raises ValueError where it has more than ``limit`` bytes."""
    body = bytearray()
    while received := await response.content.readany():
        body += received
        if len(body) > limit:
            raise ValueError("a body without an end")
    return bytes(body)


async def chunks(
    session: aiohttp.ClientSession, server: Server, body: dict[str, Any], options: RemoteOptions
) -> AsyncGenerator[Chunk, None]:
    """Send a request and give the stream's events. To be closed (``contextlib.aclosing``), however it is left.

    Raises the children of RemoteFailed; ServerUnavailable also where the stream ends before the story.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + options.first_seconds
    ended = False
    try:
        async with asyncio.timeout_at(until):
            response = await session.post(server.url / "completions", json=body, allow_redirects=False)
        try:
            if response.status != _OK:
                async with asyncio.timeout_at(until):
                    raise await _refusal(response, server, body)
            events = EventStream()
            while received := await _read(response, until):
                for data in events.add(received):
                    chunk = read_event(server.name, data)
                    ended = ended or chunk.is_last or chunk.finish_reason is not None
                    until = clock() + (_USAGE_SECONDS if ended else options.between_seconds)
                    yield chunk
                    if chunk.is_last:
                        return
        finally:
            response.close()
    except (*_BROKEN, ValueError, ServerUnavailable) as error:
        if not ended:
            raise _as_unavailable(error, server) from None
    if not ended:
        raise ServerUnavailable(server.name, "ended the stream before the story")


async def _read(response: aiohttp.ClientResponse, until: float) -> bytes:
    async with asyncio.timeout_at(until):
        return await response.content.readany()


async def _refusal(response: aiohttp.ClientResponse, server: Server, body: dict[str, Any]) -> RemoteFailed:
    answer = (await response.content.read(_ERROR_BYTES)).decode(errors="replace")
    return error_for(server.name, response.status, answer, body, response.headers.get("Retry-After"))


def _as_unavailable(error: Exception, server: Server) -> ServerUnavailable:
    return error if isinstance(error, ServerUnavailable) else ServerUnavailable(server.name, _problem(error))


def _problem(error: Exception) -> str:
    """Say what happened without the words of the exception, which may repeat what was received."""
    match error:
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return "no connection"
        case TimeoutError():
            return "no answer in time"
        case ValueError():
            return "sent no events"
        case _:
            return "the connection broke"

"""A completions server on 127.0.0.1 that answers as a test says: well, with every error, or not at all.

It speaks OpenAI's protocol as vLLM does: a first event with text, one with the finish reason, one with the usage,
``[DONE]``. It has no model; the contract test asks a real server.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

MODEL = "stand-in"
Answer = Callable[["Asked"], Awaitable[web.StreamResponse]]


@dataclass(slots=True, eq=False)
class Asked:
    """One request as it came."""

    request: web.Request
    body: dict[str, Any]
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client closes the connection before the answer has ended."""

    async def stream(self) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(self.request)
        return response


def event(text: str = "", reason: str | None = None, **more: Any) -> bytes:
    """Give one event of a stream."""
    fields = {"object": "text_completion", "choices": [{"index": 0, "text": text, "finish_reason": reason}], **more}
    return f"data: {json.dumps(fields)}\n\n".encode()


def usage(prompt_tokens: int, completion_tokens: int) -> bytes:
    """Give the event that counts."""
    counts = {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens}
    return f"data: {json.dumps({'choices': [], 'usage': counts})}\n\n".encode()


DONE = b"data: [DONE]\n\n"


def story(*pieces: str, reason: str = "stop") -> Answer:
    """Answer with a story in pieces, and whatever follows one."""
    sent = [*(event(piece) for piece in pieces), event("", reason), usage(7, len(pieces) + 1), DONE]
    return raw(*sent)


def raw(*parts: bytes, cut: bool = False) -> Answer:
    """Send bytes as they are; with ``cut``, break the connection behind them."""

    async def answer(asked: Asked) -> web.StreamResponse:
        response = await asked.stream()
        for part in parts:
            await response.write(part)
        if cut and asked.request.transport is not None:
            asked.request.transport.close()
        return response

    return answer


def hang(*parts: bytes) -> Answer:
    """Send bytes, or nothing at all, and then no more until the client leaves."""

    async def answer(asked: Asked) -> web.StreamResponse:
        response = await asked.stream() if parts else web.StreamResponse()
        for part in parts:
            await response.write(part)
        await asyncio.Event().wait()
        return response

    return answer


def status(code: int, message: str = "no", **headers: str) -> Answer:
    """Refuse."""

    async def answer(_asked: Asked) -> web.StreamResponse:
        body = json.dumps({"error": {"message": message, "code": code}})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=code, text=body, content_type="application/json", headers=named)

    return answer


def unknown_fields(*names: str) -> Answer:
    """Refuse fields in the words of transformers' server."""
    return status(422, f"Unexpected fields in the request: {set(names)}")


class CompletionsServer:
    """Gives the n-th request the n-th answer; beyond the script, a short story."""

    def __init__(self, *answers: Answer, models: list[dict[str, Any]] | None = None) -> None:
        self.answers = deque(answers)
        self.models = [{"id": MODEL}] if models is None else models
        self.asked: list[Asked] = []
        self.asked_for_models = 0
        self._came = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What was asked for so far."""
        return [asked.body for asked in self.asked]

    async def was_asked(self, times: int = 1) -> Asked:
        """Wait until so many requests have come; give the last of them."""
        while len(self.asked) < times:
            self._came.clear()
            await self._came.wait()
        return self.asked[times - 1]

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/completions", self._complete)
        app.router.add_get("/v1/models", self._list_models)
        # A handler is cancelled when its client leaves: that is how a test sees a cancel arrive.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        listener = socket.create_server(("127.0.0.1", 0))
        await web.SockSite(self._runner, listener).start()
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        asked = Asked(request, await request.json())
        self.asked.append(asked)
        self._came.set()
        answer = self.answers.popleft() if self.answers else story(" and", " then.")
        try:
            return await answer(asked)
        except asyncio.CancelledError:
            asked.left.set()
            raise
        except ConnectionError:  # to aiohttp an error of the server
            asked.left.set()
            raise asyncio.CancelledError from None

    async def _list_models(self, _request: web.Request) -> web.Response:
        self.asked_for_models += 1
        return web.json_response({"object": "list", "data": self.models})


def dead_url() -> str:
    """Give an address on this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"

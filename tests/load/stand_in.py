"""``python -m tests.load.stand_in PORT``: a completions server without a model, as a process that can be killed.

It writes words at a steady pace. Beyond so many stories at a time it answers 429 with Retry-After, as a server that is
full does.
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web

from tests.fakes.completions_server import DONE, MODEL, event, usage

AT_ONCE = 24
WORDS_PER_SECOND = 20.0
_WORDS = ["", "and", "then", "the", "captain", "opened", "the", "door"][1:]


class StandIn:
    """The server."""

    def __init__(self) -> None:
        self._running = 0

    def application(self) -> web.Application:
        """Give what it serves."""
        app = web.Application()
        app.router.add_post("/v1/completions", self._complete)
        app.router.add_get("/v1/models", self._list_models)
        return app

    async def _list_models(self, _request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": MODEL}]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        if self._running >= AT_ONCE:
            return web.json_response({"error": {"message": "full"}}, status=429, headers={"Retry-After": "1"})
        self._running += 1
        try:
            return await self._write(request, int((await request.json())["max_tokens"]))
        finally:
            self._running -= 1

    async def _write(self, request: web.Request, tokens: int) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for number in range(tokens - 1):
            await response.write(event(f" {_WORDS[number % len(_WORDS)]}{number}"))
            await asyncio.sleep(1 / WORDS_PER_SECOND)
        for part in (event("."), event("", "stop"), usage(7, tokens), DONE):
            await response.write(part)
        return response


if __name__ == "__main__":
    web.run_app(StandIn().application(), host="127.0.0.1", port=int(sys.argv[1]), print=None, handler_cancellation=True)

"""One WebSocket of an open page: the feed goes out, actions come in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from contextlib import suppress

from aiohttp import WSMsgType, web

from bot.playground.refusals import PlaygroundRefused
from bot.playground.server import Playground
from bot.playground.web.actions import Actions
from bot.playground.web.feed import Feed
from bot.playground.world import JsonObject

LARGEST_ACTION = 256 * 1024  # bytes; a form has five texts of 4,000 characters at most
ALIVE_SECONDS = 20.0


class Visit:
    """Lasts from the opening of the socket to its end; ``feed`` and ``actions`` are of one person in one channel."""

    def __init__(self, playground: Playground, feed: Feed, actions: Actions) -> None:
        self._playground = playground
        self._feed = feed
        self._actions = actions
        self._socket = web.WebSocketResponse(max_msg_size=LARGEST_ACTION, heartbeat=ALIVE_SECONDS)
        self._doing: set[asyncio.Task[None]] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk with the page until it goes."""
        await self._socket.prepare(request)
        self._begin(self._tell())
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT:
                    self._begin(self._answer(message.data))
        finally:
            await self._end()
        return self._socket

    async def close(self) -> None:
        """Send the page away; it will try to come back."""
        await self._socket.close(code=1001)

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        # A suggestion that takes three seconds must not hold up a button.
        task = asyncio.create_task(work)
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _end(self) -> None:
        for task in self._doing:
            task.cancel()
        await asyncio.gather(*self._doing, return_exceptions=True)

    async def _tell(self) -> None:
        with suppress(ConnectionError):
            await self._socket.send_json(self._feed.everything())
            while True:
                await self._socket.send_json(await self._playground.until(self._feed.news, None))

    async def _answer(self, text: str) -> None:
        wanted = _read(text)
        try:
            outcome = await self._actions.do(wanted)
        except PlaygroundRefused as refused:
            outcome = {"problem": str(refused)}
        except TimeoutError:
            outcome = {}  # the feed tells how it failed
        with suppress(ConnectionError):
            await self._socket.send_json({"kind": "answer", "to": wanted.get("id")} | outcome)


def _read(text: str) -> JsonObject:
    try:
        wanted = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return wanted if isinstance(wanted, dict) else {}

"""The page's own small server on 127.0.0.1: the page's files, the bot's files, and the WebSocket."""

from __future__ import annotations

import mimetypes
from importlib.resources import files
from types import TracebackType
from typing import Self
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.playground.server import HOST, Playground
from bot.playground.web.actions import Actions
from bot.playground.web.feed import Feed
from bot.playground.web.guard import Guard, new_token
from bot.playground.web.view import places_of
from bot.playground.web.visit import Visit
from bot.playground.world import MANAGER_PERMISSIONS, MEMBER_PERMISSIONS, Channel, User

FIRST_USER = "Ada"
NAME_LENGTH = 32  # as Discord's
PEOPLE = 50
PAGE_FILES = files(__package__).joinpath("page")
SHOWN_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""Everything else is saved and never opened in the page's own place."""


class Site:
    """Shows a playground in browsers for as long as its ``async with`` lasts; ``port`` 0 takes a free one."""

    def __init__(self, playground: Playground, *, port: int = 0) -> None:
        self.token = new_token()
        self.address = ""
        self._playground = playground
        self._port = port
        self._guard = Guard(self.token)
        self._hidden: set[int] = set()
        self._visits: set[Visit] = set()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application(middlewares=[self._guarded])
        application.router.add_get("/{token}/", self._page)
        application.router.add_get("/{token}/page/{name}", self._page)
        application.router.add_get("/{token}/files/{file_id}/{name}", self._file)
        application.router.add_get("/{token}/socket", self._socket)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        self._guard.port = self._runner.addresses[0][1]
        self.address = f"http://{HOST}:{self._guard.port}/{self.token}/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for visit in list(self._visits):
            await visit.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self._guard.check(request)
            answer = await handler(request)
        except web.HTTPException as refusal:
            refusal.headers.update(self._guard.headers())
            raise
        if not answer.prepared:
            answer.headers.update(self._guard.headers())
        return answer

    async def _page(self, request: web.Request) -> web.Response:
        """Give one of the page's own files, found by listing them: no path of a request is ever opened."""
        wanted = request.match_info.get("name", "index.html")
        for file in PAGE_FILES.iterdir():
            if file.name == wanted and file.is_file():
                kind = mimetypes.guess_type(wanted)[0] or "application/octet-stream"
                return web.Response(body=file.read_bytes(), content_type=kind, charset="utf-8")
        raise web.HTTPNotFound

    async def _file(self, request: web.Request) -> web.Response:
        """Give a file that the bot has attached to a message."""
        for message in self._playground.world.messages.values():
            for file in message.attachments:
                if str(file.id) == request.match_info["file_id"] and not message.deleted:
                    inline = file.content_type in SHOWN_INLINE and "save" not in request.query
                    way = "inline" if inline else "attachment"
                    kind = file.content_type if inline else "application/octet-stream"
                    name = f"{way}; filename*=UTF-8''{quote(file.filename, safe='')}"
                    return web.Response(body=file.data, headers={"Content-Type": kind, "Content-Disposition": name})
        raise web.HTTPNotFound

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        user = self._person(request.query.get("as", ""))
        channel = self._place(request.query.get("in", ""), user)
        feed = Feed(self._playground, user, channel, self._hidden)
        visit = Visit(self._playground, feed, Actions(self._playground, user, channel, self._hidden))
        self._visits.add(visit)
        try:
            return await visit.serve(request)
        finally:
            self._visits.discard(visit)

    def _person(self, name: str) -> User:
        """Give who is at the page: somebody who is here, or somebody new."""
        people = self._playground.world.people()
        wanted = name.strip()[:NAME_LENGTH] or FIRST_USER
        if wanted not in people and len(people) >= PEOPLE:
            raise web.HTTPForbidden(text="There are enough people here.")
        may = MANAGER_PERMISSIONS if wanted == FIRST_USER else MEMBER_PERMISSIONS
        return people.get(wanted) or self._playground.add_user(wanted, permissions=may)

    def _place(self, channel_id: str, user: User) -> Channel:
        places = {str(channel.id): channel for channel in places_of(self._playground, user)}
        return places.get(channel_id, self._playground.channel)

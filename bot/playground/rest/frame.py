"""The REST side's frame: reading, authorising, limiting, recording and answering each request."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.playground.changes import Changes
from bot.playground.clock import Clock
from bot.playground.refusals import ApiError
from bot.playground.rest.bodies import Body, read_body
from bot.playground.rest.buckets import Buckets, Verdict
from bot.playground.rest.troubles import HANG_UP, Troubles
from bot.playground.world import JsonObject

log = logging.getLogger(__name__)

API = "/api/v10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that the bot made: the route's template, the path as sent, its JSON and how it was answered."""

    method: str
    route: str
    path: str
    query: dict[str, str]
    json: Any
    files: tuple[str, ...]
    status: int
    answer: Any
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request on its way to a handler; ``ids`` are the named parts of the path."""

    ids: dict[str, str]
    query: dict[str, str]
    body: Body

    def object(self) -> JsonObject:
        """Give the JSON object that it carries.

        Raises:
            ApiError: 50035 when it is something else

        """
        if not isinstance(self.body.json, dict):
            raise ApiError(400, 50035, "Invalid Form Body", {"_errors": [{"code": "DICT_TYPE_CONVERT", "message": ""}]})
        return self.body.json


Handler = Callable[[Call], JsonObject | list[JsonObject] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who answers a path.

    ``limited_by`` is the part of the path that has a message bucket of its own; ``status`` goes with a body.
    """

    method: str
    template: str
    handler: Handler
    needs_token: bool = True
    limited_by: str | None = None
    status: int = 200


class Rest:
    """Serves routes under ``/api/v10`` and keeps the record."""

    def __init__(self, *, token: str, clock: Clock, changes: Changes, buckets: Buckets) -> None:
        self.requests: list[Request] = []
        self.unknown_routes: list[str] = []
        self.faults: list[BaseException] = []
        self.buckets = buckets
        self.troubles = Troubles(changes.tell)
        self._authorization = f"Bot {token}"
        self._clock = clock
        self._changes = changes

    def add(self, router: web.UrlDispatcher, route: Route) -> None:
        """Serve a route."""
        router.add_route(route.method, API + route.template, self._serving(route))

    def add_unknown(self, router: web.UrlDispatcher) -> None:
        """Answer everything else with 404, and remember it. To be called last."""
        router.add_route("*", "/{rest:.*}", self._unknown)

    async def _unknown(self, request: web.Request) -> web.Response:
        self.unknown_routes.append(f"{request.method} {request.path}")
        log.warning("unknown route %s %s", request.method, request.path)
        body = {"message": "404: Not Found", "code": 0}
        self._record(request, "(unknown)", Body(), 404, body)
        return _json_response(body, 404, {})

    def _serving(self, route: Route) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            body = Body()
            headers: dict[str, str] = {}
            try:
                body = await read_body(request)
                await self.troubles.wait(request.method, request.path)
                self._spoil(request)
                self._authorise(request, route)
                refused = self._limit(request, route, headers)
                status, answer = refused or self._handle(request, route, body)
            except ApiError as error:
                status, answer = error.status, error.body()
            self._record(request, route.template, body, status, answer)
            if answer is None:
                return web.Response(status=204, headers=headers)
            return _json_response(answer, status, headers)

        return serve

    def _spoil(self, request: web.Request) -> None:
        if request.transport is None:
            raise ApiError(503, 0, "Whoever asked has left meanwhile")
        status = self.troubles.take(request.method, request.path)
        if status == HANG_UP:
            request.transport.abort()
        if status is not None:
            raise ApiError(status, 0, "Something is wrong with Discord")

    def _authorise(self, request: web.Request, route: Route) -> None:
        if route.needs_token and request.headers.get("Authorization") != self._authorization:
            raise ApiError(401, 0, "401: Unauthorized")

    def _limit(self, request: web.Request, route: Route, headers: dict[str, str]) -> tuple[int, JsonObject] | None:
        verdict = self.buckets.forced(request.method, request.path)
        if verdict is None and route.needs_token:
            verdict = self.buckets.everywhere()
        if verdict is None and route.limited_by:
            major = request.match_info[route.limited_by]
            verdict = self.buckets.take(f"{route.method} {route.template}", major)
        if verdict is None:
            return None
        headers.update(verdict.headers)
        return None if verdict.allowed else _too_many(verdict, headers)

    def _handle(self, request: web.Request, route: Route, body: Body) -> tuple[int, Any]:
        call = Call(ids=dict(request.match_info), query=dict(request.query), body=body)
        try:
            answer = route.handler(call)
        except ApiError:
            raise
        except Exception as error:  # the playground's own mistake: no 500, the bot would try again for minutes
            log.exception("the playground failed on %s %s", route.method, route.template)
            self.faults.append(error)
            raise ApiError(400, 0, "The playground itself failed, see its log") from error
        return (204 if answer is None else route.status), answer

    def _record(self, request: web.Request, route: str, body: Body, status: int, answer: object) -> None:
        self.requests.append(
            Request(
                method=request.method,
                route=route,
                path=request.path.removeprefix(API),
                query=dict(request.query),
                json=body.json,
                files=tuple(upload.filename for upload in body.uploads),
                status=status,
                answer=json.loads(json.dumps(answer)),
                at=self._clock.now(),
            )
        )
        self._changes.tell()


def _json_response(answer: object, status: int, headers: dict[str, str]) -> web.Response:
    # As Discord sends it, without a charset: discord.py takes anything else for text.
    return web.Response(
        body=json.dumps(answer).encode(), status=status, headers=headers | {"Content-Type": "application/json"}
    )


def _too_many(verdict: Verdict, headers: dict[str, str]) -> tuple[int, JsonObject]:
    # discord.py takes a 429 without Via for a ban by Cloudflare.
    headers |= {"Retry-After": str(max(1, round(verdict.retry_after + 0.5))), "Via": "1.1 playground"}
    body = {
        "message": "You are being rate limited.",
        "retry_after": round(verdict.retry_after, 3),
        "global": verdict.everywhere,
    }
    return 429, body

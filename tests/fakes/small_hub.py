"""A small Hugging Face hub on loopback: repositories are made, files arrive by commit and LFS, and can be fetched."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN = "hf_made_up_for_tests"  # noqa: S105  # of this hub only
COMMIT = "c" * 40


@dataclass
class SmallHub:
    """What the hub holds, and how it answers."""

    url: str = ""
    refusal: int = 0
    """Answer everything with this status; 0 answers as one should."""
    repositories: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was asked for when each was made."""
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """Content by repository and path, as committed."""
    asked: list[str] = field(default_factory=list)
    """Method and path of every request."""
    _blobs: dict[str, bytes] = field(default_factory=dict)

    def app(self) -> web.Application:
        """Give the routes that uploading and downloading use."""
        app = web.Application(middlewares=[self._admit], client_max_size=2**26)
        app.router.add_post("/api/repos/create", self._create)
        app.router.add_post("/api/validate-yaml", self._validate)
        app.router.add_post("/api/models/{owner}/{name}/preupload/main", self._modes)
        app.router.add_post("/{owner}/{name}.git/info/lfs/objects/batch", self._batch)
        app.router.add_put("/blobs/{oid}", self._receive)
        app.router.add_post("/api/models/{owner}/{name}/commit/main", self._commit)
        app.router.add_get("/{owner}/{name}/resolve/main/{path:.+}", self._fetch)  # HEAD as well
        return app

    @web.middleware
    async def _admit(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        if self.refusal:
            return web.json_response({"error": "refused"}, status=self.refusal)
        writes = request.method == "POST"
        if writes and request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"error": "Invalid username or password."}, status=401)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _create(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        name = f"{wanted['organization']}/{wanted['name']}"
        status = 409 if name in self.repositories else 200
        self.repositories.setdefault(name, wanted)
        return web.json_response({"url": f"{self.url}/{name}", "name": name}, status=status)

    async def _validate(self, _: web.Request) -> web.Response:
        return web.json_response({"warnings": [], "errors": []})

    async def _modes(self, request: web.Request) -> web.Response:
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular",
                "shouldIgnore": False,
            }
            for file in (await request.json())["files"]
        ]
        return web.json_response({"files": files})

    async def _batch(self, request: web.Request) -> web.Response:
        objects = (await request.json())["objects"]
        for thing in objects:
            thing["actions"] = {"upload": {"href": f"{self.url}/blobs/{thing['oid']}"}}
        return web.json_response({"transfer": "basic", "objects": objects})

    async def _receive(self, request: web.Request) -> web.Response:
        content = await request.read()
        assert hashlib.sha256(content).hexdigest() == request.match_info["oid"]
        self._blobs[request.match_info["oid"]] = content
        return web.Response()

    async def _commit(self, request: web.Request) -> web.Response:
        name = _repository(request)
        held = self.files.setdefault(name, {})
        for line in (await request.text()).splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                held[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                held[value["path"]] = self._blobs[value["oid"]]
        return web.json_response({"commitUrl": f"{self.url}/{name}/commit/{COMMIT}", "commitOid": COMMIT})

    async def _fetch(self, request: web.Request) -> web.Response:
        content = self.files.get(_repository(request), {}).get(request.match_info["path"])
        if content is None:
            code = "EntryNotFound" if _repository(request) in self.files else "RepoNotFound"
            return web.Response(status=404, headers={"X-Error-Code": code, "X-Repo-Commit": COMMIT})
        etag = hashlib.sha256(content).hexdigest()
        return web.Response(body=content, headers={"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT})


def _repository(request: web.Request) -> str:
    return f"{request.match_info['owner']}/{request.match_info['name']}"


@asynccontextmanager
async def small_hub() -> AsyncIterator[SmallHub]:
    """Run a hub on a free port of loopback until the block ends."""
    hub = SmallHub()
    async with TestServer(hub.app()) as server:
        hub.url = str(server.make_url("")).rstrip("/")
        yield hub

"""Discord's OpenAPI description as a judge over what a bot sent, and over what the playground answered."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

DOCUMENT = "urn:discord"
NO_CONTENT = 204


class Recorded(Protocol):
    """A request as the playground records it (``bot.playground.rest.Request``)."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def json(self) -> Any: ...
    @property
    def status(self) -> int: ...
    @property
    def answer(self) -> Any: ...


def load_openapi() -> dict[str, Any] | None:
    """Read ``discord/openapi.json`` in the folder that ``STORYBOT_TEST_DATA`` names; None where it is not."""
    folder = os.environ.get("STORYBOT_TEST_DATA")
    file = Path(folder or "", "discord", "openapi.json")
    if not folder or not file.is_file():
        return None
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def violations(requests: Iterable[Recorded], openapi: dict[str, Any]) -> list[str]:
    """Say what is wrong with each request: no such route, or a body that its schema does not allow."""
    judge = _Judge(openapi)
    return [found for request in requests for found in judge.request(request)]


def violations_of_answers(requests: Iterable[Recorded], openapi: dict[str, Any]) -> list[str]:
    """Say what is wrong with each successful answer that the playground gave."""
    judge = _Judge(openapi)
    return [found for request in requests for found in judge.answer(request)]


class _Judge:
    def __init__(self, openapi: dict[str, Any]) -> None:
        schemas = openapi["components"]["schemas"]
        # discord.py sends some ids as numbers, which Discord takes as well.
        lenient = {"SnowflakeType": {"anyOf": [schemas["SnowflakeType"], {"type": "integer", "minimum": 0}]}}
        document = openapi | {"components": openapi["components"] | {"schemas": schemas | lenient}}
        resource = DRAFT202012.create_resource(document)
        self._registry: Registry[Any] = Registry().with_resource(DOCUMENT, resource)
        self._paths: dict[str, Any] = openapi["paths"]
        # Fewer parameters first: …/messages/@original before …/messages/{message_id}.
        self._patterns = [(_pattern(path), path) for path in sorted(self._paths, key=lambda path: path.count("{"))]

    def request(self, request: Recorded) -> Iterator[str]:
        operation = self._operation(request)
        if operation is None:
            yield f"{request.method} {request.path}: Discord has no such route"
            return
        path, method = operation
        described = self._paths[path][method].get("requestBody")
        if request.json is None:
            if described and described.get("required"):
                yield f"{request.method} {path}: a body is required"
        elif described is None:
            yield f"{request.method} {path}: a body is sent where Discord takes none"
        else:
            yield from self._wrong(request.json, f"{request.method} {path}", (path, method, "requestBody"))

    def answer(self, request: Recorded) -> Iterator[str]:
        operation = self._operation(request)
        if operation is None or not 200 <= request.status < 300:
            return
        path, method = operation
        where = f"answer to {request.method} {path}"
        responses = self._paths[path][method]["responses"]
        if str(request.status) not in responses:
            yield f"{where}: {request.status} is not one of {', '.join(responses)}"
        elif request.status != NO_CONTENT:
            yield from self._wrong(request.answer, where, (path, method, "responses", str(request.status)))

    def _operation(self, request: Recorded) -> tuple[str, str] | None:
        method = request.method.lower()
        for pattern, path in self._patterns:
            if pattern.fullmatch(request.path) and method in self._paths[path]:
                return path, method
        return None

    def _wrong(self, value: object, where: str, place: tuple[str, ...]) -> Iterator[str]:
        steps = (*place, "content", "application/json", "schema")
        pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in ("paths", *steps))
        schema = {"$ref": f"{DOCUMENT}#/{pointer}"}
        validator = Draft202012Validator(schema, registry=self._registry)
        error = best_match(validator.iter_errors(value))
        if error is not None:
            at = ".".join(str(step) for step in error.absolute_path) or "the body"
            yield f"{where}: at {at}: {error.message[:300]}"


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", path)
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))

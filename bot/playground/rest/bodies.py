"""Reading what a bot sends: JSON, or a form of JSON and files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from bot.playground.refusals import ApiError
from bot.playground.rules.message_rules import check_file_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file in a form; ``index`` is the number in its field's name, ``files[0]``."""

    index: int
    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What one request carried; ``json`` is None where there was none."""

    json: Any = None
    uploads: tuple[Upload, ...] = ()


async def read_body(request: web.Request) -> Body:
    """Give the request's JSON and files.

    Raises:
        ApiError: 50109 when it is not JSON, 40005 when a file is too large

    """
    if request.content_type == "multipart/form-data":
        return await _read_form(request)
    text = await request.text()
    return Body(json=_parse(text) if text else None)


def _parse(text: str) -> Any:  # noqa: ANN401 -- any JSON value
    try:
        return json.loads(text)
    except ValueError:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None


async def _read_form(request: web.Request) -> Body:
    payload: Any = None
    uploads: list[Upload] = []
    reader = await request.multipart()
    while isinstance(part := await reader.next(), BodyPartReader):
        if part.name == "payload_json":
            payload = _parse(await part.text())
        elif match := re.fullmatch(r"files\[(\d+)\]", part.name or ""):
            uploads.append(await _read_file(part, int(match[1])))
    return Body(json=payload, uploads=tuple(uploads))


async def _read_file(part: BodyPartReader, index: int) -> Upload:
    data = bytes(await part.read())
    check_file_size(len(data))
    content_type = part.headers.get("Content-Type", "application/octet-stream")
    return Upload(index=index, filename=part.filename or f"file{index}", content_type=content_type, data=data)

"""What a completions server answers: its errors sorted by what can be done about them, and the events of a stream."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from storygen.engines.remote.errors import (
    FieldsRefused,
    PromptRefused,
    RemoteFailed,
    RequestRefused,
    ServerRefused,
    ServerUnavailable,
)
from storygen.engines.remote.request_body import refused_fields
from storygen.polish import drop_broken_characters
from storygen.story import FinishReason

LONGEST_WAIT = 300.0
"""Seconds that a server may ask to be left alone; it can't take itself out of use by a slip."""

MOST_TOKENS = 2**31 - 1
"""A server that counts more tokens than that does not count."""

_LAST_EVENT = "[DONE]"
_TOO_LONG = re.compile(r"context[ _]length|context[ _]window|context size|too long|max_model_len", re.IGNORECASE)
_FIELDS_REFUSED = frozenset({400, 422})
_SERVER_REFUSED = frozenset({401, 403, 404, 405})
_COME_AGAIN = frozenset({408, 409, 425, 429})
_SERVER_ERRORS = 500
_CLIENT_ERRORS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One event of a stream."""

    text: str = field(default="", repr=False)
    finish_reason: FinishReason | None = None
    is_last: bool = False
    prompt_tokens: int | None = None
    """Where the server counts, as in the next field."""
    new_tokens: int | None = None


def error_for(
    server: str, status: int, answer: str, sent: Collection[str] = (), retry_after: str | None = None
) -> RemoteFailed:
    """Say what an HTTP status that is not 200 means; ``sent`` are the names of the fields that were sent."""
    if status in _FIELDS_REFUSED:
        if refused := refused_fields(answer, sent):
            return FieldsRefused(server, refused)
        if _TOO_LONG.search(answer):
            return PromptRefused(server, "the prompt is too long for its model")
    if status in _COME_AGAIN or status >= _SERVER_ERRORS:
        return ServerUnavailable(server, f"answered {status}", wait_seconds(retry_after))
    if status in _SERVER_REFUSED or status < _CLIENT_ERRORS:
        return ServerRefused(server, f"answered {status}")
    return RequestRefused(server, f"answered {status}")


def wait_seconds(retry_after: str | None) -> float | None:
    """Read a Retry-After header: seconds, or a date (RFC 9110, 10.2.3). None where there is none, or no sense in it."""
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None  # noqa: PLR0124 - "nan" is a float


def read_event(server: str, data: str) -> Chunk:
    """Read one event. Raises ServerUnavailable where it is none that the protocol knows, or tells of an error."""
    if data.strip() == _LAST_EVENT:
        return Chunk(is_last=True)
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        raise ServerUnavailable(server, "sent an event that is no JSON") from None  # its text may be the story's
    if not isinstance(fields, dict) or "choices" not in fields:
        told = isinstance(fields, dict) and "error" in fields
        raise ServerUnavailable(server, "sent an error" if told else "sent an event without choices")
    return _chunk(server, fields)


def _chunk(server: str, fields: dict[str, Any]) -> Chunk:
    usage = fields.get("usage") or {}
    try:
        choice = fields["choices"][0] if fields["choices"] else {}
        text, reason = choice.get("text") or "", choice.get("finish_reason")
        counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    except (TypeError, AttributeError, LookupError):
        raise ServerUnavailable(server, "sent an event of another form") from None
    if not isinstance(text, str) or not all(count is None or _is_count(count) for count in counts):
        raise ServerUnavailable(server, "sent an event of another form")
    return Chunk(
        text=drop_broken_characters(text),
        finish_reason=_reason(server, reason),
        prompt_tokens=counts[0],
        new_tokens=counts[1],
    )


def _is_count(count: object) -> bool:
    return isinstance(count, int) and 0 <= count <= MOST_TOKENS


def _reason(server: str, reason: object) -> FinishReason | None:
    match reason:
        case None | "":
            return None
        case "length":
            return FinishReason.LENGTH
        case "abort" | "error":
            raise ServerUnavailable(server, "gave the story up")
        case _:
            return FinishReason.EOS

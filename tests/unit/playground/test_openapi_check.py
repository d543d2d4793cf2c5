"""The judge over requests, on a description small enough to see through."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.rest.frame import Request
from tests.fakes.openapi import load_openapi, violations, violations_of_answers

BODY = {
    "type": "object",
    "properties": {
        "content": {"type": ["string", "null"], "maxLength": 5},
        "channel": {"$ref": "#/components/schemas/SnowflakeType"},
    },
    "required": ["content"],
}
OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "components": {"schemas": {"SnowflakeType": {"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}}},
    "paths": {
        "/channels/{channel_id}/messages/{message_id}": {
            "patch": {
                "requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}},
                "responses": {"200": {"content": {"application/json": {"schema": BODY}}}},
            }
        },
        "/channels/{channel_id}/messages/@last": {"patch": {"responses": {"204": {}}}},
    },
}


def _request(method: str = "PATCH", path: str = "/channels/1/messages/2", **fields: Any) -> Request:
    given: dict[str, Any] = {"json": {"content": "hello"}, "status": 200, "answer": {"content": "hello"}}
    given |= fields
    return Request(method=method, route="", path=path, query={}, files=(), at=0.0, **given)


@pytest.mark.parametrize("channel", ["123", 123, "0"])
def test_what_is_described_is_in_order(channel: object) -> None:
    request = _request(json={"content": "hello", "channel": channel})
    assert violations([request], OPENAPI) == []
    assert violations_of_answers([request], OPENAPI) == []


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (_request(json={"content": "hello!"}), "at content: 'hello!' is too long"),
        (_request(json={"content": "a", "channel": "abc"}), "at channel"),
        (_request(json={}), "'content' is a required property"),
        (_request(json=None), "a body is required"),
        (_request(method="GET"), "Discord has no such route"),
        (_request(path="/guilds/1"), "Discord has no such route"),
        (_request(path="/channels/1/messages/@last"), "a body is sent where Discord takes none"),
    ],
)
def test_what_is_not_described_is_reported(request_: Request, reason: str) -> None:
    (found,) = violations([_request(), request_], OPENAPI)
    assert reason in found


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (_request(answer={"content": 5}), "at content"),
        (_request(status=204, answer=None), "204 is not one of 200"),
    ],
)
def test_wrong_answers_are_reported(request_: Request, reason: str) -> None:
    (found,) = violations_of_answers([request_], OPENAPI)
    assert reason in found


def test_refused_requests_have_no_answer_to_judge() -> None:
    assert violations_of_answers([_request(status=404, answer={"code": 0})], OPENAPI) == []


def test_without_the_folder_there_is_no_description(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STORYBOT_TEST_DATA", raising=False)
    assert load_openapi() is None
    monkeypatch.setenv("STORYBOT_TEST_DATA", "/nowhere")
    assert load_openapi() is None

"""The pinned messages of a channel."""

from __future__ import annotations

from typing import Protocol

from bot.playground.changes import Changes
from bot.playground.payloads import timestamp
from bot.playground.posting import Posting
from bot.playground.refusals import ApiError
from bot.playground.rest.frame import Call, Route
from bot.playground.world import PIN_MESSAGES, VIEW_CHANNEL, Channel, JsonObject, Message, World

PINS = 250  # resources/message: pins of one channel
AT_ONCE = 50  # likewise: get channel pins, limit


class FindsChannel(Protocol):
    """Finds the channel of a call, in which the bot may do what is needed."""

    def __call__(self, call: Call, needed: int = VIEW_CHANNEL) -> Channel:
        """Give the channel, or raise ApiError."""
        ...


class Pins:
    """The routes of pins."""

    def __init__(self, world: World, posting: Posting, changes: Changes, find: FindsChannel) -> None:
        self._world = world
        self._posting = posting
        self._changes = changes
        self._find = find

    def routes(self, channel: str) -> list[Route]:
        """All of them, under the template of a channel."""
        pins = f"{channel}/messages/pins"
        return [
            Route(method="GET", template=pins, handler=self._list),
            Route(method="PUT", template=f"{pins}/{{message_id}}", handler=self._pin),
            Route(method="DELETE", template=f"{pins}/{{message_id}}", handler=self._unpin),
        ]

    def _list(self, call: Call) -> JsonObject:
        pinned = self._pinned(self._find(call))
        limit = min(int(call.query.get("limit", AT_ONCE)), AT_ONCE)
        items = [
            {"pinned_at": timestamp(message.pinned or 0), "message": self._posting.json(message)}
            for message in pinned[:limit]
        ]
        return {"items": items, "has_more": len(pinned) > limit}

    def _pin(self, call: Call) -> None:
        channel = self._find(call, VIEW_CHANNEL | PIN_MESSAGES)
        if channel.archived:
            raise ApiError(400, 50083, "Thread is archived")
        message = self._posting.find(call.ids["channel_id"], call.ids["message_id"])
        if message.pinned is None and len(self._pinned(channel)) >= PINS:
            raise ApiError(400, 30003, f"Maximum number of pins reached for the channel ({PINS})")
        message.pinned = message.pinned or self._world.clock.now()
        self._changes.tell()

    def _unpin(self, call: Call) -> None:
        self._find(call, VIEW_CHANNEL | PIN_MESSAGES)
        self._posting.find(call.ids["channel_id"], call.ids["message_id"]).pinned = None
        self._changes.tell()

    def _pinned(self, channel: Channel) -> list[Message]:
        """Give the pinned messages, the newest pin first."""
        found = [message for message in self._world.messages_in(channel, None) if message.pinned is not None]
        return sorted(found, key=lambda message: message.pinned or 0, reverse=True)

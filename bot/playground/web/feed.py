"""What is new for one open page: first everything, then only what changed, numbered in order."""

from __future__ import annotations

import json
from collections.abc import Callable

from bot.playground.server import Playground
from bot.playground.web.view import asked_view, message_view, surroundings
from bot.playground.world import Channel, JsonObject, Message, User


class Feed:
    """Compares what one person sees in one channel with what their page was told; ``hidden``: ids they dismissed."""

    def __init__(self, playground: Playground, user: User, channel: Channel, hidden: set[int]) -> None:
        self._playground = playground
        self._user = user
        self._channel = channel
        self._hidden = hidden
        self._number = 0
        self._messages: dict[int, object] = {}
        self._around = ""
        self._asked: list[JsonObject] = []

    def everything(self) -> JsonObject:
        """Give the whole state; what comes after it is told by ``news``."""
        self._messages, self._around, self._asked = {}, "", []
        changes = self._changes()
        return self._numbered("state", {"messages": [], "asked": [], "gone": []} | changes)

    def news(self) -> JsonObject | None:
        """Give what changed since the last answer, or None when nothing did."""
        changes = self._changes()
        return self._numbered("changes", changes) if changes else None

    def _numbered(self, kind: str, body: JsonObject) -> JsonObject:
        self._number += 1
        return {"kind": kind, "number": self._number} | body

    def _changes(self) -> JsonObject:
        parts: dict[str, Callable[[], object]] = {
            "messages": self._changed_messages,
            "gone": self._gone,
            "asked": self._changed_asked,
            "around": self._changed_around,
        }
        found = {name: look() for name, look in parts.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _visible(self) -> list[Message]:
        seen = self._playground.messages(self._channel, viewer=self._user)
        return [message for message in seen if message.id not in self._hidden]

    def _changed_messages(self) -> list[JsonObject] | None:
        changed = [message for message in self._visible() if self._messages.get(message.id) != _state(message)]
        self._messages |= {message.id: _state(message) for message in changed}
        return [message_view(message) for message in changed] or None

    def _gone(self) -> list[str] | None:
        gone = self._messages.keys() - {message.id for message in self._visible()}
        for message_id in gone:
            del self._messages[message_id]
        return [str(message_id) for message_id in sorted(gone)] or None

    def _changed_asked(self) -> list[JsonObject] | None:
        present = asked_view(self._playground.interactions, self._user, self._channel)
        present = [asked for asked in present if int(asked["id"]) not in self._hidden]
        if present == self._asked:
            return None
        self._asked = present
        return present

    def _changed_around(self) -> JsonObject | None:
        around = surroundings(self._playground, self._user, self._channel)
        text = json.dumps(around)
        if text == self._around:
            return None
        self._around = text
        return around


def _state(message: Message) -> object:
    """Give something that is another thing whenever the message looks different."""
    reactions = tuple((emoji, len(who)) for emoji, who in message.reactions.items())
    return len(message.history), message.flags, message.edited, reactions

"""Channels, their messages, reactions and threads."""

from __future__ import annotations

from bot.playground.gateway import GUILDS_INTENT, Gateway
from bot.playground.payloads import channel_json
from bot.playground.posting import Posting
from bot.playground.refusals import ApiError, Problems
from bot.playground.rest.frame import Call, Route
from bot.playground.world import (
    ADMINISTRATOR,
    CREATE_PUBLIC_THREADS,
    MANAGE_THREADS,
    PIN_MESSAGES,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    SEND_IN_THREADS,
    SEND_MESSAGES,
    TEXT_CHANNEL,
    VIEW_CHANNEL,
    Channel,
    JsonObject,
    Message,
    World,
)

THREAD_NAME = 100  # resources/channel
PINS = 250  # a channel, since 2025
HISTORY = 100  # resources/channel: messages at once


class ChannelRoutes:
    """What the bot does in channels with its own token."""

    def __init__(self, world: World, gateway: Gateway, posting: Posting) -> None:
        self._world = world
        self._gateway = gateway
        self._posting = posting

    def routes(self) -> list[Route]:
        """All of them."""
        channel = "/channels/{channel_id}"
        messages, one = f"{channel}/messages", f"{channel}/messages/{{message_id}}"
        mine = f"{one}/reactions/{{emoji}}/@me"
        return [
            Route(method="GET", template=channel, handler=self._get_channel),
            Route(method="PATCH", template=channel, handler=self._edit_channel),
            Route(method="POST", template=f"{channel}/typing", handler=self._type),
            Route(method="GET", template=messages, handler=self._list),
            Route(method="POST", template=messages, handler=self._create, limited_by="channel_id"),
            Route(method="GET", template=one, handler=self._get),
            Route(method="PATCH", template=one, handler=self._edit, limited_by="channel_id"),
            Route(method="DELETE", template=one, handler=self._delete),
            Route(method="PUT", template=f"{messages}/pins/{{message_id}}", handler=self._pin),
            Route(method="DELETE", template=f"{messages}/pins/{{message_id}}", handler=self._unpin),
            Route(method="PUT", template=mine, handler=self._react),
            Route(method="DELETE", template=mine, handler=self._take_back),
            Route(method="POST", template=f"{one}/threads", handler=self._start_thread, status=201),
            Route(method="POST", template=f"{channel}/threads", handler=self._start_thread, status=201),
        ]

    def _channel(self, call: Call, needed: int = VIEW_CHANNEL) -> Channel:
        channel = self._world.channels.get(int(call.ids["channel_id"])) if call.ids["channel_id"].isdigit() else None
        if channel is None:
            raise ApiError(404, 10003, "Unknown Channel")
        if not channel.has_bot:
            raise ApiError(403, 50001, "Missing Access")
        missing = needed & ~channel.app_permissions
        if missing and not channel.app_permissions & ADMINISTRATOR:
            raise ApiError(
                403, *((50001, "Missing Access") if missing & VIEW_CHANNEL else (50013, "Missing Permissions"))
            )
        return channel

    def _writable(self, call: Call) -> Channel:
        channel = self._channel(call)
        in_thread = channel.kind in (PUBLIC_THREAD, PRIVATE_THREAD)
        return self._channel(call, VIEW_CHANNEL | (SEND_IN_THREADS if in_thread else SEND_MESSAGES))

    def _open(self, call: Call) -> Channel:
        """Give a channel in which something may be changed: not a thread that is archived."""
        channel = self._channel(call)
        if channel.archived:
            raise ApiError(400, 50083, "Thread is archived")
        return channel

    def _wake(self, thread: Channel) -> None:
        """Open an archived thread again, which only those who manage threads may where it is locked."""
        if thread.archived and thread.locked and not thread.app_permissions & (MANAGE_THREADS | ADMINISTRATOR):
            raise ApiError(400, 160005, "Thread is locked")
        thread.archived = False

    def _get_channel(self, call: Call) -> JsonObject:
        return channel_json(self._world, self._channel(call))

    def _edit_channel(self, call: Call) -> JsonObject:
        channel = self._channel(call)
        changes = call.object()
        if changes.get("archived") is False:
            self._wake(channel)
        elif channel.archived:
            raise ApiError(400, 50083, "Thread is archived")
        elif "archived" in changes:
            channel.archived = bool(changes["archived"])
        channel.name = str(changes.get("name", channel.name))
        return channel_json(self._world, channel)

    def _type(self, call: Call) -> None:
        self._writable(call)

    def _list(self, call: Call) -> list[JsonObject]:
        messages = self._world.messages_in(self._channel(call), None)
        before, after = int(call.query.get("before", 1 << 63)), int(call.query.get("after", 0))
        chosen = [message for message in messages if after < message.id < before]
        limit = min(int(call.query.get("limit", 50)), HISTORY)
        newest_first = sorted(chosen, key=lambda message: message.id, reverse="after" not in call.query)[:limit]
        return [self._posting.json(message) for message in sorted(newest_first, key=lambda m: m.id, reverse=True)]

    def _create(self, call: Call) -> JsonObject:
        channel = self._writable(call)
        self._wake(channel)
        return self._posting.json(self._posting.create(channel, call.object(), call.body))

    def _find(self, call: Call) -> Message:
        self._channel(call)
        return self._posting.find(call.ids["channel_id"], call.ids["message_id"])

    def _get(self, call: Call) -> JsonObject:
        return self._posting.json(self._find(call))

    def _edit(self, call: Call) -> JsonObject:
        self._open(call)
        message = self._find(call)
        if message.author is not self._world.bot:
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        return self._posting.json(self._posting.edit(message, call.object(), call.body))

    def _delete(self, call: Call) -> None:
        message = self._find(call)
        if message.author is not self._world.bot:
            raise ApiError(403, 50013, "Missing Permissions")
        self._posting.delete(message)

    def _pin(self, call: Call) -> None:
        self._channel(call, VIEW_CHANNEL | PIN_MESSAGES)
        self._open(call)
        message = self._find(call)
        if sum(other.pinned for other in self._world.messages_in(message.channel, None)) >= PINS:
            raise ApiError(400, 30003, f"Maximum number of pins reached ({PINS})")
        message.pinned = True

    def _unpin(self, call: Call) -> None:
        self._channel(call, VIEW_CHANNEL | PIN_MESSAGES)
        self._find(call).pinned = False

    def _react(self, call: Call) -> None:
        self._find(call).reactions.setdefault(call.ids["emoji"], set()).add(self._world.bot.id)

    def _take_back(self, call: Call) -> None:
        reactions = self._find(call).reactions
        reactions.get(call.ids["emoji"], set()).discard(self._world.bot.id)
        if not reactions.get(call.ids["emoji"], True):
            del reactions[call.ids["emoji"]]

    def _start_thread(self, call: Call) -> JsonObject:
        parent = self._channel(call, VIEW_CHANNEL | CREATE_PUBLIC_THREADS)
        body = call.object()
        problems = Problems()
        problems.length(("name",), body.get("name"), minimum=1, maximum=THREAD_NAME)
        if body.get("auto_archive_duration") not in (None, 60, 1440, 4320, 10080):
            problems.add(("auto_archive_duration",), "BASE_TYPE_CHOICES", "Value must be one of 60, 1440, 4320, 10080.")
        problems.raise_if_any()
        if parent.kind != TEXT_CHANNEL:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        message = self._find(call) if "message_id" in call.ids else None
        if message is not None and message.id in self._world.channels:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        thread = self._world.add_channel(
            body["name"],
            kind=PUBLIC_THREAD if message else int(body.get("type") or PRIVATE_THREAD),
            guild=parent.guild,
            parent=parent,
            channel_id=message.id if message else None,
        )
        thread.app_permissions = parent.app_permissions
        answer = channel_json(self._world, thread)
        if parent.guild is not None:
            event = answer | {"newly_created": True}
            self._gateway.dispatch("THREAD_CREATE", event, guild_id=parent.guild.id, intent=GUILDS_INTENT)
        return answer

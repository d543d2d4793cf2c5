"""Channels, their messages, reactions, pins and threads."""

from __future__ import annotations

from bot.playground.changes import Changes
from bot.playground.gateway import GUILDS_INTENT, Gateway
from bot.playground.payloads import channel_json
from bot.playground.posting import Posting
from bot.playground.refusals import ApiError, Problems
from bot.playground.rest.forum_posts import check_post, edited_tags
from bot.playground.rest.frame import Call, Route
from bot.playground.rest.pins import Pins
from bot.playground.world import (
    ADMINISTRATOR,
    CREATE_PUBLIC_THREADS,
    FORUM_CHANNEL,
    MANAGE_CHANNELS,
    MANAGE_THREADS,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    SEND_IN_THREADS,
    SEND_MESSAGES,
    TEXT_CHANNEL,
    THREADS,
    VIEW_CHANNEL,
    Channel,
    JsonObject,
    Message,
    World,
)

THREAD_NAME = 100  # resources/channel
HISTORY = 100  # resources/channel: messages at once


class ChannelRoutes:
    """What the bot does in channels with its own token."""

    def __init__(self, world: World, gateway: Gateway, posting: Posting, changes: Changes) -> None:
        self._world = world
        self._gateway = gateway
        self._posting = posting
        self._changes = changes
        self._pins = Pins(world, posting, changes, self._channel)

    def routes(self) -> list[Route]:
        """All of them."""
        channel = "/channels/{channel_id}"
        messages, one = f"{channel}/messages", f"{channel}/messages/{{message_id}}"
        mine = f"{one}/reactions/{{emoji}}/@me"
        return [
            Route(method="GET", template=channel, handler=self._get_channel),
            Route(method="PATCH", template=channel, handler=self._edit_channel),
            Route(method="DELETE", template=channel, handler=self._delete_channel),
            *self._pins.routes(channel),
            Route(method="POST", template=f"{channel}/typing", handler=self._type),
            Route(method="GET", template=messages, handler=self._list),
            Route(method="POST", template=messages, handler=self._create, limited_by="channel_id"),
            Route(method="GET", template=one, handler=self._get),
            Route(method="PATCH", template=one, handler=self._edit, limited_by="channel_id"),
            Route(method="DELETE", template=one, handler=self._delete),
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
        if channel.kind == FORUM_CHANNEL:
            raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
        in_thread = channel.kind in THREADS
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
        channel, body = self._channel(call), call.object()
        if channel.kind in THREADS:
            self._edit_thread(channel, body)
        else:
            self._channel(call, VIEW_CHANNEL | MANAGE_CHANNELS)
            if "available_tags" in body:
                channel.tags = edited_tags(channel, body["available_tags"], self._world.ids.next)
            channel.name = str(body.get("name", channel.name))
        self._announce("THREAD_UPDATE" if channel.kind in THREADS else "CHANNEL_UPDATE", channel)
        return channel_json(self._world, channel)

    def _edit_thread(self, thread: Channel, body: JsonObject) -> None:
        """Change a thread of the bot's own; one that is archived is opened first, or in the same request."""
        if thread.archived and body.get("archived") is not False:
            raise ApiError(400, 50083, "Thread is archived")
        if thread.archived:
            self._wake(thread)
        problems = Problems()
        problems.length(("name",), body.get("name"), minimum=1, maximum=THREAD_NAME, optional=True)
        problems.raise_if_any()
        if "applied_tags" in body and thread.parent is not None:
            thread.applied = check_post(thread.parent, body["applied_tags"])
        thread.archived = bool(body.get("archived", thread.archived))
        thread.name = str(body.get("name", thread.name))

    def _delete_channel(self, call: Call) -> JsonObject:
        channel = self._channel(call)
        self._channel(call, VIEW_CHANNEL | (MANAGE_THREADS if channel.kind in THREADS else MANAGE_CHANNELS))
        answer = channel_json(self._world, channel)
        self._world.remove_channel(channel)
        self._announce("THREAD_DELETE" if channel.kind in THREADS else "CHANNEL_DELETE", channel)
        return answer

    def _announce(self, event: str, channel: Channel) -> None:
        if channel.guild is not None:
            body = channel_json(self._world, channel)
            self._gateway.dispatch(event, body, guild_id=channel.guild.id, intent=GUILDS_INTENT)
        self._changes.tell()

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
        _refuse_archived(message.channel)
        self._posting.delete(message)

    def _react(self, call: Call) -> None:
        self._find(call).reactions.setdefault(call.ids["emoji"], set()).add(self._world.bot.id)

    def _take_back(self, call: Call) -> None:
        reactions = self._find(call).reactions
        reactions.get(call.ids["emoji"], set()).discard(self._world.bot.id)
        if not reactions.get(call.ids["emoji"], True):
            del reactions[call.ids["emoji"]]

    def _start_thread(self, call: Call) -> JsonObject:
        is_forum = self._channel(call).kind == FORUM_CHANNEL
        parent = self._channel(call, VIEW_CHANNEL | (SEND_MESSAGES if is_forum else CREATE_PUBLIC_THREADS))
        body = call.object()
        problems = Problems()
        problems.length(("name",), body.get("name"), minimum=1, maximum=THREAD_NAME)
        if body.get("auto_archive_duration") not in (None, 60, 1440, 4320, 10080):
            problems.add(("auto_archive_duration",), "BASE_TYPE_CHOICES", "Value must be one of 60, 1440, 4320, 10080.")
        problems.raise_if_any()
        if is_forum:
            return self._start_post(call, parent)
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
        return self._begun(thread, parent)

    def _start_post(self, call: Call, forum: Channel) -> JsonObject:
        """Make a post of a forum: a thread whose first message has its id."""
        body = call.object()
        applied = check_post(forum, body.get("applied_tags"))
        post = self._world.add_channel(body["name"], kind=PUBLIC_THREAD, guild=forum.guild, parent=forum)
        post.app_permissions, post.applied = forum.app_permissions, applied
        try:
            message = self._posting.create(post, body.get("message") or {}, call.body, message_id=post.id)
        except ApiError:
            self._world.remove_channel(post)
            raise
        return self._begun(post, forum) | {"message": self._posting.json(message)}

    def _begun(self, thread: Channel, parent: Channel) -> JsonObject:
        thread.app_permissions = parent.app_permissions
        answer = channel_json(self._world, thread)
        if parent.guild is not None:
            event = answer | {"newly_created": True}
            self._gateway.dispatch("THREAD_CREATE", event, guild_id=parent.guild.id, intent=GUILDS_INTENT)
        self._changes.tell()
        return answer


def _refuse_archived(channel: Channel) -> None:
    if channel.archived:
        raise ApiError(400, 50083, "Thread is archived")

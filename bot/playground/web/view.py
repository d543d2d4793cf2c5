"""What one person sees, as JSON for the page: messages, their own unanswered commands, and what is around them."""

from __future__ import annotations

from collections.abc import Iterable

from bot.playground.client.slash_input import check_place
from bot.playground.interactions import Interaction, Kind
from bot.playground.refusals import PlaygroundRefused
from bot.playground.server import Playground
from bot.playground.world import DIRECT_CHANNEL, FORUM_CHANNEL, GROUP_CHANNEL, Channel, JsonObject, Message, User


def message_view(message: Message) -> JsonObject:
    """Give a message as the page draws it; ids are text, for they are too large for JavaScript's numbers."""
    return {
        "id": str(message.id),
        "author": {"id": str(message.author.id), "name": message.author.name, "bot": message.author.bot},
        "at": message.created,
        "edited": message.edited is not None,
        "content": message.content,
        "embeds": message.embeds,
        "components": message.components,
        "files": [
            {"id": str(file.id), "name": file.filename, "type": file.content_type, "bytes": len(file.data),
             "description": file.description}
            for file in message.attachments
        ],
        "ephemeral": message.ephemeral,
        "thinking": message.loading,
        "reply_to": _replied_to(message),
        "asked": _asked(message),
        "reactions": [{"emoji": emoji, "count": len(who)} for emoji, who in message.reactions.items() if who],
    }  # fmt: skip


def _asked(message: Message) -> JsonObject | None:
    """Say who used which command to get this answer; answers to buttons and later ones do not, as on Discord."""
    asked = message.asked
    if asked is None or asked["type"] != Kind.COMMAND or "original_response_message_id" in asked:
        return None
    return {"user": asked["user"]["global_name"], "name": asked.get("name", "")}


def _replied_to(message: Message) -> str | None:
    """Give the message above which this one stands as a reply; what follows an answer is a reply to it."""
    if message.reply_to is not None:
        return str(message.reply_to)
    found: str | None = (message.asked or {}).get("original_response_message_id")
    return found


def surroundings(playground: Playground, user: User, channel: Channel) -> JsonObject:
    """Give everything around the messages: people, places, commands, and whether the bot is there."""
    world = playground.world
    return {
        "me": {"id": str(user.id), "name": user.name},
        "bot": {"id": str(world.bot.id), "name": world.bot.name, "ready": playground.gateway.ready},
        "people": [{"id": str(person.id), "name": person.name} for person in world.people().values()],
        "roles": [{"id": str(role.id), "name": role.name} for role in (channel.guild.roles if channel.guild else ())],
        "names": {str(number): name for number, name in world.names().items()},
        "guild": channel.guild.name if channel.guild else None,
        "channel": channel_view(channel),
        "channels": [channel_view(place) for place in places_of(playground, user)],
        "commands": [each for each in playground.usable_commands(channel) if _is_offered(each, user, channel)],
    }


def _is_offered(command: JsonObject, user: User, channel: Channel) -> bool:
    """Say whether Discord's client shows a command to this person here."""
    try:
        check_place(command, user, channel)
    except PlaygroundRefused:
        return False
    return True


def channel_view(channel: Channel) -> JsonObject:
    """Give a channel's name, what it is, and what its forum has tagged it with."""
    kind = {DIRECT_CHANNEL: "direct", GROUP_CHANNEL: "group", FORUM_CHANNEL: "forum"}.get(channel.kind, "channel")
    kind = "thread" if channel.parent else kind
    offered = {tag["id"]: tag["name"] for tag in (channel.parent.tags if channel.parent else [])}
    tags = [offered[tag] for tag in channel.applied if tag in offered]
    return {"id": str(channel.id), "name": channel.name, "kind": kind, "type": channel.kind, "tags": tags}


def places_of(playground: Playground, user: User) -> list[Channel]:
    """Give the channels that this person can look into: the guilds', threads below their own, and conversations."""
    direct = playground.direct_channel(user)
    channels = list(playground.world.channels.values())
    seen = [channel for channel in channels if channel.guild or channel is direct or user in channel.people]
    above = [channel for channel in seen if channel.parent is None]
    return [place for channel in above for place in (channel, *(one for one in seen if one.parent is channel))]


def asked_view(interactions: Iterable[Interaction], user: User, channel: Channel) -> list[JsonObject]:
    """Give what this person set off here and has no answer to: on its way, or failed."""
    open_ones = (asked for asked in interactions if asked.acknowledged_after is None)
    return [
        _unanswered(asked)
        for asked in open_ones
        if asked.user is user and asked.channel is channel and asked.kind is not Kind.AUTOCOMPLETE
    ]


def _unanswered(asked: Interaction) -> JsonObject:
    return {
        "id": str(asked.id),
        "name": asked.data.get("name", ""),
        "at": asked.created,
        "control": asked.data.get("custom_id"),
        "message": None if asked.source is None else str(asked.source.id),
        "failed": asked.failed,
    }

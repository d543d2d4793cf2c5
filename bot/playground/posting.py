"""Messages coming into being, changing and going, for every route that does so."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence

from bot.playground.changes import Changes
from bot.playground.gateway import DIRECT_MESSAGES_INTENT, GUILD_MESSAGES_INTENT, GUILDS_INTENT, Gateway
from bot.playground.interaction_payload import asked_json
from bot.playground.interactions import Interaction
from bot.playground.payloads import attachment_json, channel_json, message_json
from bot.playground.refusals import ApiError
from bot.playground.rest.bodies import Body, Upload
from bot.playground.rules.message_rules import CREATE_FLAGS, EDIT_FLAGS, check_message, check_not_empty
from bot.playground.world import (
    ADMINISTRATOR,
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    USE_EXTERNAL_APPS,
    Attachment,
    Channel,
    JsonObject,
    Message,
    World,
)

EMBED_PICTURES = ("image", "thumbnail")
"""The parts of an embed that may be a file of the same message; ``author`` and ``footer`` have icons, unused here."""


class Posting:
    """Writes messages into the world and tells those who should know."""

    def __init__(self, world: World, changes: Changes, gateway: Gateway) -> None:
        self._world = world
        self._changes = changes
        self._gateway = gateway
        self.files_url = ""

    def json(self, message: Message) -> JsonObject:
        """Give the message as the bot gets it."""
        return message_json(self._world, message, self.files_url)

    def create(self, channel: Channel, data: JsonObject, body: Body, *, message_id: int | None = None) -> Message:
        """Give a message of the bot in a channel; the first one of a forum's post has the id of that.

        Raises:
            ApiError: when Discord would refuse its contents

        """
        check_message(data, allowed_flags=CREATE_FLAGS)
        check_not_empty(data, files=len(body.uploads))
        message = self._world.add_message(channel, self._world.bot, message_id=message_id)
        channel.archived = False  # a thread in which somebody writes is open again
        reference = data.get("message_reference") or {}
        message.reply_to = int(reference["message_id"]) if reference.get("message_id") else None
        self._fill(message, data, body)
        self._announce("MESSAGE_CREATE", message)
        return message

    def answer(self, interaction: Interaction, data: JsonObject, body: Body) -> Message:
        """Give a message that answers an interaction, as its first response or as a follow-up.

        Raises:
            ApiError: when Discord would refuse its contents

        """
        check_message(data, allowed_flags=CREATE_FLAGS | EPHEMERAL)
        check_not_empty(data, files=len(body.uploads))
        message = self._answering(interaction, ephemeral=bool((data.get("flags") or 0) & EPHEMERAL))
        self._fill(message, data, body)
        self._announce("MESSAGE_CREATE", message)
        return message

    def think(self, interaction: Interaction, *, ephemeral: bool) -> Message:
        """Give the "is thinking…" of a deferred answer."""
        message = self._answering(interaction, ephemeral=ephemeral)
        message.flags |= LOADING
        self._announce("MESSAGE_CREATE", message)
        return message

    def _answering(self, interaction: Interaction, *, ephemeral: bool) -> Message:
        ephemeral = ephemeral or _only_for_them(interaction)
        viewer = interaction.user if ephemeral else None
        message = self._world.add_message(
            interaction.channel, self._world.bot, viewer=viewer, asked=asked_json(interaction)
        )
        message.flags = EPHEMERAL if ephemeral else 0
        return message

    def edit(self, message: Message, data: JsonObject, body: Body) -> Message:
        """Change a message; fields that are not given stay as they are.

        Raises:
            ApiError: when Discord would refuse its contents

        """
        check_message(data, allowed_flags=EDIT_FLAGS | EPHEMERAL, layout=bool(message.flags & COMPONENTS_V2))
        check_not_empty(_as_it_would_be(message, data), files=len(body.uploads) + _kept(message, data))
        was_loading = message.loading
        self._fill(message, data, body)
        message.edited = None if was_loading else self._world.clock.now()
        self._announce("MESSAGE_UPDATE", message)
        return message

    def delete(self, message: Message) -> None:
        """Take a message away."""
        message.deleted = True
        body = {"id": str(message.id), "channel_id": str(message.channel.id)}
        guild = message.channel.guild
        if message.channel.has_bot:
            self._send("MESSAGE_DELETE", message, body | ({"guild_id": str(guild.id)} if guild else {}))
        self._changes.tell()

    def delete_channel(self, channel: Channel) -> None:
        """Take a channel away, with its messages and its threads."""
        gone = [one for one in self._world.channels.values() if one is channel or one.parent is channel]
        self._world.remove_channel(channel)
        for each in gone:
            if each.guild is not None:
                event = "THREAD_DELETE" if each.parent is not None else "CHANNEL_DELETE"
                body = channel_json(self._world, each)
                self._gateway.dispatch(event, body, guild_id=each.guild.id, intent=GUILDS_INTENT)
        self._changes.tell()

    def _fill(self, message: Message, data: JsonObject, body: Body) -> None:
        if "content" in data:
            message.content = data["content"] or ""
        if "embeds" in data:
            message.embeds = [{"type": "rich"} | embed for embed in data["embeds"] or []]
        if "components" in data:
            message.components = _numbered(data["components"] or [])
        message.flags = message.flags & ~LOADING | ((data.get("flags") or 0) & (CREATE_FLAGS & ~LOADING))
        self._attach(message, data, body.uploads)
        self._place_pictures(message)
        self._mention(message, data)
        message.remember(self._world.clock.now())

    def _attach(self, message: Message, data: JsonObject, uploads: Sequence[Upload]) -> None:
        described = {str(item.get("id")): item for item in data.get("attachments") or []}
        if "attachments" in data:
            message.attachments = [item for item in message.attachments if str(item.id) in described]
        for upload in uploads:
            about = described.get(str(upload.index), {})
            message.attachments.append(
                Attachment(
                    id=self._world.ids.next(),
                    filename=about.get("filename") or upload.filename,
                    content_type=_content_type(about.get("filename") or upload.filename, upload),
                    data=upload.data,
                    description=about.get("description"),
                )
            )

    def _place_pictures(self, message: Message) -> None:
        """Give the pictures of embeds their addresses: ``attachment://name`` means a file of the same message."""
        files = [attachment_json(item, message.channel, self.files_url) for item in message.attachments]
        addresses = {f"attachment://{item['filename']}": item["url"] for item in files}
        message.embeds = [
            embed
            | {
                part: embed[part] | {"url": addresses.get(str(embed[part].get("url")), embed[part].get("url"))}
                for part in EMBED_PICTURES
                if isinstance(embed.get(part), dict)
            }
            for embed in message.embeds
        ]

    def _mention(self, message: Message, data: JsonObject) -> None:
        """Whom the message would notify: interactions and webhooks mention only users unless told otherwise."""
        allowed = data.get("allowed_mentions")
        default = ["users"] if message.asked is not None else ["users", "roles", "everyone"]
        parse = default if allowed is None else allowed.get("parse") or []
        listed = {str(user) for user in (allowed or {}).get("users") or []}
        found = [user for user in re.findall(r"<@!?(\d+)>", message.content) if "users" in parse or user in listed]
        message.mentions = [
            self._world.users[int(user)] for user in dict.fromkeys(found) if int(user) in self._world.users
        ]
        message.mention_everyone = "everyone" in parse and bool(re.search(r"@(everyone|here)\b", message.content))

    def _announce(self, event: str, message: Message) -> None:
        if message.viewer is None and message.channel.has_bot:
            guild = message.channel.guild
            body = self.json(message)
            self._send(event, message, body | ({"guild_id": str(guild.id)} if guild else {}))
        self._changes.tell()

    def _send(self, event: str, message: Message, body: JsonObject) -> None:
        guild = message.channel.guild
        intent = DIRECT_MESSAGES_INTENT if guild is None else GUILD_MESSAGES_INTENT
        self._gateway.dispatch(event, body, guild_id=guild.id if guild else None, intent=intent)

    def find(self, channel_id: str, message_id: str) -> Message:
        """Give a message that the bot may touch through its channel.

        Raises:
            ApiError: 10008 when it is gone, was never there, or is ephemeral

        """
        message = self._world.messages.get(int(message_id)) if message_id.isdigit() else None
        if message is None or not message.seen_by(None) or str(message.channel.id) != channel_id:
            raise ApiError(404, 10008, "Unknown Message")
        return message


def _only_for_them(interaction: Interaction) -> bool:
    """Whether Discord shows all answers to the one who asked only: in a server that only its people have the app in."""
    guild = interaction.channel.guild
    may = interaction.user.permissions & (USE_EXTERNAL_APPS | ADMINISTRATOR)
    return guild is not None and not guild.installed and not may


def _content_type(filename: str, upload: Upload) -> str:
    """Give what a file is: Discord looks at it, and takes no word of the sender's."""
    return mimetypes.guess_type(filename)[0] or upload.content_type


def _as_it_would_be(message: Message, data: JsonObject) -> JsonObject:
    now = {"content": message.content, "embeds": message.embeds, "components": message.components}
    return now | {name: data[name] for name in now if name in data}


def _kept(message: Message, data: JsonObject) -> int:
    if "attachments" not in data:
        return len(message.attachments)
    wanted = {str(item.get("id")) for item in data["attachments"] or []}
    return sum(str(item.id) in wanted for item in message.attachments)


def _numbered(components: list[JsonObject]) -> list[JsonObject]:
    """Give components as Discord gives them back: without nulls, each with an id that counts through the message."""
    counter = iter(range(1, 1000))

    def number(value: object) -> object:
        if isinstance(value, list):
            return [number(item) for item in value]
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("type"), str):  # what is chosen in a select beforehand: its id is a snowflake
            return {**value, "id": str(value["id"])}
        own = {"id": value.get("id") or next(counter)} if "type" in value else {}
        return {key: number(part) for key, part in value.items() if part is not None} | own

    return [item for item in map(number, components) if isinstance(item, dict)]

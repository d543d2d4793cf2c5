"""What the bot receives for an interaction."""

from __future__ import annotations

from bot.playground.interactions import Interaction
from bot.playground.payloads import channel_json, member_json, message_json, user_json
from bot.playground.world import Channel, Guild, JsonObject, Message, User, World

ATTACHMENT_SIZE_LIMIT = 10 * 1024 * 1024
CONTEXT_GUILD, CONTEXT_BOT_DM, CONTEXT_PRIVATE = 0, 1, 2


def interaction_json(world: World, interaction: Interaction, files_url: str) -> JsonObject:
    """Give the data of INTERACTION_CREATE."""
    channel = interaction.channel
    body: JsonObject = {
        "id": str(interaction.id),
        "application_id": str(world.application_id),
        "type": int(interaction.kind),
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": channel_json(world, channel) | {"permissions": str(interaction.user.permissions)},
        "app_permissions": str(channel.app_permissions),
        "locale": interaction.user.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": _owners(interaction),
        "context": context_of(channel),
        "attachment_size_limit": ATTACHMENT_SIZE_LIMIT,
    }
    if channel.guild is None:
        body["user"] = user_json(interaction.user)
    else:
        body |= _guild_fields(channel.guild) | {"member": member_json(interaction.user, channel.guild)}
    if interaction.source is not None:
        body["message"] = message_json(world, interaction.source, files_url)
    return body


def _guild_fields(guild: Guild) -> JsonObject:
    return {
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
        "guild_locale": "en-US",
    }


def context_of(channel: Channel) -> int:
    """Give what Discord calls the context: a server, a conversation with the bot, or one without it."""
    if channel.guild is not None:
        return CONTEXT_GUILD
    return CONTEXT_BOT_DM if channel.has_bot else CONTEXT_PRIVATE


def _owners(interaction: Interaction) -> dict[str, str]:
    """Say who has installed the app for this place: its server (0 with the bot itself), the person, or both."""
    channel, user = interaction.channel, interaction.user
    server = {"0": str(channel.guild.id) if channel.guild else "0"} if channel.has_bot else {}
    return server | ({"1": str(user.id)} if user.installed or not channel.has_bot else {})


def asked_json(interaction: Interaction) -> JsonObject:
    """Give the ``interaction_metadata`` of the next message that answers this interaction."""
    body: JsonObject = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "user": user_json(interaction.user),
        "authorizing_integration_owners": _owners(interaction),
    }
    if interaction.data.get("name"):
        body["name"] = interaction.data["name"]
    if interaction.target is not None:
        body |= _target(interaction.target)
    if interaction.original is not None:
        body["original_response_message_id"] = str(interaction.original.id)
    if interaction.source is not None:
        body["interacted_message_id"] = str(interaction.source.id)
    if interaction.trigger is not None:
        body["triggering_interaction_metadata"] = asked_json(interaction.trigger)
    return body


def _target(target: Message | User) -> JsonObject:
    if isinstance(target, User):
        return {"target_user": user_json(target)}
    return {"target_message_id": str(target.id)}

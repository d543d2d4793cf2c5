"""What the bot receives for an interaction."""

from __future__ import annotations

from bot.playground.interactions import Interaction
from bot.playground.payloads import channel_json, member_json, message_json, user_json
from bot.playground.world import Guild, JsonObject, World

ATTACHMENT_SIZE_LIMIT = 10 * 1024 * 1024
CONTEXT_GUILD, CONTEXT_BOT_DM = 0, 1


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
        "context": CONTEXT_BOT_DM if channel.guild is None else CONTEXT_GUILD,
        "attachment_size_limit": ATTACHMENT_SIZE_LIMIT,
    }
    if channel.guild is None:
        body["user"] = user_json(interaction.user)
    else:
        body |= _guild_fields(channel.guild) | {"member": member_json(interaction.user)}
    if interaction.source is not None:
        body["message"] = message_json(world, interaction.source, files_url)
    return body


def _guild_fields(guild: Guild) -> JsonObject:
    return {
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
        "guild_locale": "en-US",
    }


def _owners(interaction: Interaction) -> dict[str, str]:
    guild = interaction.channel.guild
    if guild is None:
        return {"0": "0"}
    return {"0": str(guild.id)} if guild.installed else {"1": str(interaction.user.id)}


def asked_json(interaction: Interaction) -> JsonObject:
    """Give the ``interaction_metadata`` of a message that answers this interaction."""
    body: JsonObject = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "user": user_json(interaction.user),
        "authorizing_integration_owners": _owners(interaction),
    }
    if interaction.data.get("name"):
        body["name"] = interaction.data["name"]
    if interaction.source is not None:
        body["interacted_message_id"] = str(interaction.source.id)
    if interaction.trigger is not None:
        body["triggering_interaction_metadata"] = asked_json(interaction.trigger)
    return body

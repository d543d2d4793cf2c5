"""Things of the world as Discord's JSON, in the form in which API v10 gives them to a bot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from bot.playground.world import (
    DIRECT_CHANNEL,
    FORUM_CHANNEL,
    GROUP_CHANNEL,
    THREADS,
    Attachment,
    Channel,
    Guild,
    JsonObject,
    Message,
    Role,
    User,
    World,
)

REQUIRE_TAG = 1 << 4  # resources/channel: channel flags


def timestamp(seconds: float) -> str:
    """Seconds since 1970 in Discord's ISO form."""
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat()


def user_json(user: User) -> JsonObject:
    """Give a user object."""
    return {
        "id": str(user.id),
        "username": user.name.lower().replace(" ", "_"),
        "global_name": None if user.bot else user.name,
        "discriminator": "0000" if user.bot else "0",
        "avatar": None,
        "avatar_decoration_data": None,
        "primary_guild": None,
        "bot": user.bot,
        "system": False,
        "public_flags": 0,
        "flags": 0,
        "locale": user.locale,
    }


def member_json(user: User, guild: Guild) -> JsonObject:
    """Give a guild member object, as an interaction carries it."""
    return {
        "user": user_json(user),
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [str(role.id) for role in guild.roles if role in user.roles],
        "joined_at": "2024-01-01T00:00:00+00:00",
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "permissions": str(user.permissions),
    }


def application_json(world: World) -> JsonObject:
    """Give the application object for ``/applications/@me``."""
    return {
        "id": str(world.application_id),
        "name": world.bot.name,
        "icon": None,
        "description": "A bot in the playground",
        "summary": "",
        "type": None,
        "bot": user_json(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "integration_types_config": {"0": {}, "1": {}},
        "owner": user_json(world.bot),
        "team": None,
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "eligible_oauth2_scopes": [],
        "explicit_content_filter": 0,
    } | world.portal


def role_json(world: World, role: Role, guild: Guild) -> JsonObject:
    """Give a role object; what the bot may, it may as everybody."""
    return {
        "id": str(role.id),
        "name": role.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": guild.roles.index(role),
        "permissions": str(world.bot.permissions if role.id == guild.id else 0),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def guild_json(world: World, guild: Guild) -> JsonObject:
    """Give a guild object with the fields that GUILD_CREATE adds; members without the intent: only the bot."""
    channels = world.channels_of(guild)
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "owner_id": str(guild.owner_id),
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "roles": [role_json(world, role, guild) for role in guild.roles],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "vanity_url_code": None,
        "description": None,
        "banner": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "en-US",
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "nsfw_level": 0,
        "joined_at": "2024-01-01T00:00:00+00:00",
        "large": False,
        "unavailable": False,
        "member_count": len(world.users),
        "members": [member_json(world.bot, guild)],
        "channels": [channel_json(world, channel) for channel in channels if channel.kind not in THREADS],
        "threads": [channel_json(world, c) for c in channels if c.kind in THREADS and not c.archived],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def channel_json(world: World, channel: Channel) -> JsonObject:
    """Give a channel object."""
    last = max((message.id for message in world.messages.values() if message.channel is channel), default=None)
    body: JsonObject = {
        "id": str(channel.id),
        "type": channel.kind,
        "last_message_id": None if last is None else str(last),
        "flags": 0,
    }
    if channel.kind == DIRECT_CHANNEL:
        return body | {"recipients": [user_json(channel.recipient)] if channel.recipient else []}
    if channel.kind == GROUP_CHANNEL:
        return body | _group_fields(channel)
    body |= {"name": channel.name, "guild_id": str(channel.guild.id) if channel.guild else None}
    if channel.parent is not None:
        return body | _thread_fields(world, channel, channel.parent)
    body |= {
        "position": 0,
        "topic": None,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "parent_id": None,
        "permission_overwrites": _overwrites(world, channel),
    }
    return body | _forum_fields(channel) if channel.kind == FORUM_CHANNEL else body


def _overwrites(world: World, channel: Channel) -> list[JsonObject]:
    """Say what the bot may here and not elsewhere, or elsewhere and not here."""
    usual, here = world.bot.permissions, channel.app_permissions
    if usual == here or not channel.has_bot:
        return []
    return [{"id": str(world.bot.id), "type": 1, "allow": str(here & ~usual), "deny": str(usual & ~here)}]


def _forum_fields(channel: Channel) -> JsonObject:
    return {
        "flags": REQUIRE_TAG if channel.needs_tag else 0,
        "available_tags": channel.tags,
        "default_reaction_emoji": None,
        "default_sort_order": None,
        "default_forum_layout": 0,
        "default_thread_rate_limit_per_user": 0,
    }


def _group_fields(channel: Channel) -> JsonObject:
    people = [user_json(user) for user in channel.people]
    return {"name": channel.name, "icon": None, "recipients": people, "owner_id": str(channel.people[0].id)}


def _thread_fields(world: World, channel: Channel, parent: Channel) -> JsonObject:
    count = sum(message.channel is channel for message in world.messages.values())
    return {
        "parent_id": str(parent.id),
        "owner_id": str(world.bot.id),
        "message_count": count,
        "total_message_sent": count,
        "member_count": 1,
        "rate_limit_per_user": 0,
        **({"applied_tags": channel.applied} if parent.kind == FORUM_CHANNEL else {}),
        "thread_metadata": {
            "archived": channel.archived,
            "auto_archive_duration": 1440,
            "archive_timestamp": timestamp(world.clock.now()),
            "locked": channel.locked,
            "create_timestamp": timestamp(world.clock.now()),
        },
    }


def attachment_json(attachment: Attachment, channel: Channel, files_url: str) -> JsonObject:
    """Give an attachment object; its address leads to the playground's own server."""
    url = f"{files_url}/attachments/{channel.id}/{attachment.id}/{attachment.filename}"
    body: JsonObject = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": len(attachment.data),
        "url": url,
        "proxy_url": url,
        "content_type": attachment.content_type,
    }
    if attachment.description is not None:
        body["description"] = attachment.description
    return body


def message_json(world: World, message: Message, files_url: str) -> JsonObject:
    """Give a message object."""
    body: JsonObject = {
        "id": str(message.id),
        "type": 0,
        "channel_id": str(message.channel.id),
        "author": user_json(message.author),
        "content": message.content,
        "timestamp": timestamp(message.created),
        "edited_timestamp": None if message.edited is None else timestamp(message.edited),
        "tts": False,
        "mention_everyone": message.mention_everyone,
        "mentions": [user_json(user) for user in message.mentions],
        "mention_roles": [],
        "attachments": [attachment_json(item, message.channel, files_url) for item in message.attachments],
        "embeds": message.embeds,
        "components": message.components,
        "pinned": message.pinned is not None,
        "flags": message.flags,
        "reactions": [_reaction_json(world, emoji, who) for emoji, who in message.reactions.items()],
    }
    if message.asked is not None:
        body |= {"application_id": str(world.application_id), "webhook_id": str(world.application_id)}
        body |= {"type": _answer_type(message.asked), "interaction_metadata": message.asked}
    if message.reply_to is not None:
        body |= {
            "type": 19,
            "message_reference": {
                "type": 0,
                "message_id": str(message.reply_to),
                "channel_id": str(message.channel.id),
            },
        }
    return body


def _answer_type(asked: JsonObject) -> int:
    """Give the type of a message by what it answers: 20 a slash command, 23 an entry of a menu, 0 anything else."""
    if asked.get("type") != 2:  # noqa: PLR2004 -- 2 is a command
        return 0
    return 23 if "target_user" in asked or "target_message_id" in asked else 20


def _reaction_json(world: World, emoji: str, who: set[int]) -> JsonObject:
    return {
        "emoji": {"id": None, "name": emoji},
        "count": len(who),
        "count_details": {"burst": 0, "normal": len(who)},
        "me": world.bot.id in who,
        "me_burst": False,
        "burst_colors": [],
    }


def resolved_json(
    world: World,
    users: Iterable[User],
    channels: Iterable[Channel] = (),
    roles: Iterable[Role] = (),
    *,
    guild: Guild | None,
) -> JsonObject:
    """Give the ``resolved`` part of an interaction: everything that an option or select names by id."""
    people = list(users)
    members = {str(user.id): member_json(user, guild) for user in people} if guild else {}
    for member in members.values():
        del member["user"]
    places = {
        str(channel.id): {
            "id": str(channel.id),
            "name": channel.name,
            "type": channel.kind,
            "permissions": str(channel.app_permissions),
        }
        for channel in channels
    }
    resolved: JsonObject = {"users": {str(user.id): user_json(user) for user in people}, "members": members}
    resolved["channels"] = places
    resolved["roles"] = {str(role.id): role_json(world, role, guild) for role in roles} if guild else {}
    return {name: part for name, part in resolved.items() if part}

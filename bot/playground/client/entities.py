"""People, roles and channels that selects and options name: what is offered in a place, and what the bot is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.playground.refusals import PlaygroundRefused
from bot.playground.world import Channel, Guild, JsonObject, Role, User, World

USERS, ROLES, MENTIONABLES, CHANNELS = 5, 6, 7, 8
"""Discord's types of selects."""

Entity = User | Role | Channel
Entities = Mapping[int, Entity]


def entities_in(world: World, guild: Guild | None) -> Entities:
    """Give all that can be named in a server, by id; outside of one, the people."""
    found: dict[int, Entity] = dict(world.users)
    if guild is not None:
        found |= {role.id: role for role in guild.roles}
        found |= {channel.id: channel for channel in world.channels_of(guild)}
    return found


def chosen_entities(item: JsonObject, values: Sequence[str], entities: Entities) -> list[Entity]:
    """Give what was chosen in a select, by id or name.

    Raises:
        PlaygroundRefused: for what is not there or not of the select's kind

    """
    return [_chosen(item, value, entities) for value in values]


def _chosen(item: JsonObject, value: str, entities: Entities) -> Entity:
    for entity in entities.values():
        if value in (str(entity.id), entity.name) and _fits(item, entity):
            return entity
    raise PlaygroundRefused(f"{value} is not offered there.")


def _fits(item: JsonObject, entity: Entity) -> bool:
    kind = item["type"]
    if isinstance(entity, Channel):
        return kind == CHANNELS and fits_channel_types(item, entity)
    if isinstance(entity, User):
        return kind in (USERS, MENTIONABLES)
    return kind in (ROLES, MENTIONABLES)


def fits_channel_types(item: JsonObject, channel: Channel) -> bool:
    """Say whether an option or a select of channels takes one of this type."""
    return channel.kind in (item.get("channel_types") or [channel.kind])


def split(entities: Iterable[Entity]) -> tuple[list[User], list[Channel], list[Role]]:
    """Give people, channels and roles apart."""
    found = list(entities)
    return (
        [each for each in found if isinstance(each, User)],
        [each for each in found if isinstance(each, Channel)],
        [each for each in found if isinstance(each, Role)],
    )

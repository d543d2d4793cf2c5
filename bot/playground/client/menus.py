"""The menus of messages and people: which entries Discord's client offers there, and what it sends."""

from __future__ import annotations

from collections.abc import Sequence

from bot.playground.payloads import resolved_json
from bot.playground.refusals import PlaygroundRefused
from bot.playground.rules.command_rules import MESSAGE_MENU, USER_MENU
from bot.playground.world import Guild, JsonObject, Message, User, World


def find_entry(commands: Sequence[JsonObject], name: str, target: Message | User, locale: str) -> JsonObject:
    """Give the command behind an entry, by its name or the one that it has in the person's language.

    Raises:
        PlaygroundRefused: when there is no such entry, or what is aimed at has no such menu

    """
    if isinstance(target, Message) and target.ephemeral:
        raise PlaygroundRefused("A message that only you can see has no menu of apps.")
    kind = MESSAGE_MENU if isinstance(target, Message) else USER_MENU
    entries = [command for command in commands if command["type"] == kind]
    for command in entries:
        if name in (command["name"], (command.get("name_localizations") or {}).get(locale)):
            return command
    whose = "messages" if kind == MESSAGE_MENU else "people"
    known = ", ".join(command["name"] for command in entries) or "none"
    raise PlaygroundRefused(f"There is no entry {name} in the menu of {whose}; there are {known}.")


def menu_data(
    world: World, command: JsonObject, target: Message | User, message: JsonObject | None, *, guild: Guild | None
) -> JsonObject:
    """Give the ``data`` of the interaction; ``message`` is the target's JSON where it is a message."""
    data: JsonObject = {
        "id": command["id"],
        "name": command["name"],
        "type": command["type"],
        "target_id": str(target.id),
    }
    if isinstance(target, User):
        data["resolved"] = resolved_json(world, [target], guild=guild)
    else:
        data["resolved"] = {"messages": {str(target.id): message}}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    return data

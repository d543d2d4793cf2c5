"""A command as a person types it: what Discord's client looks up and refuses before the bot hears of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.playground.client.entities import split
from bot.playground.interaction_payload import CONTEXT_GUILD, context_of
from bot.playground.payloads import resolved_json
from bot.playground.refusals import PlaygroundRefused
from bot.playground.rules.command_rules import CHAT_INPUT, GROUP, INTEGER, NUMBER, STRING, STRING_LENGTH, SUBCOMMAND
from bot.playground.world import ADMINISTRATOR, Channel, Guild, JsonObject, Role, User, World

BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, ATTACHMENT = 5, 6, 7, 8, 9, 11
LARGEST_INTEGER = 2**53  # application-commands: integer options
PLACES = ("servers", "direct messages", "conversations without the bot")
"""What Discord's contexts 0, 1 and 2 are, in words."""
INSTALLED_BY_USERS = 1

OptionValue = str | int | float | bool | User | Channel | Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A command, the subcommand names that lead to its options, and those options."""

    command: JsonObject
    path: tuple[str, ...]
    options: Sequence[JsonObject]

    @property
    def name(self) -> str:
        """As a person says it: ``stories read``."""
        return " ".join((self.command["name"], *self.path))


def names_of(item: JsonObject, locale: str) -> tuple[str, ...]:
    """Give what something may be called: by its own name, and by the one that it has in the person's language."""
    translated = (item.get("name_localizations") or {}).get(locale)
    return (item["name"], translated) if translated else (item["name"],)


def choose(commands: Sequence[JsonObject], name: str, locale: str = "en-US") -> Chosen:
    """Find ``story`` or ``stories read`` among the registered commands, also by their names in another language.

    Raises:
        PlaygroundRefused: when there is no such command, or a subcommand is missing

    """
    first, *rest = name.removeprefix("/").split()
    for command in commands:
        if command["type"] == CHAT_INPUT and first in names_of(command, locale):
            return _descend(command, rest, locale)
    known = ", ".join(f"/{command['name']}" for command in commands if command["type"] == CHAT_INPUT)
    raise PlaygroundRefused(f"There is no command /{first}; there are {known or 'none'}.")


def _descend(command: JsonObject, names: list[str], locale: str) -> Chosen:
    options = command.get("options") or []
    path: tuple[str, ...] = ()
    while any(option["type"] in (SUBCOMMAND, GROUP) for option in options):
        inner = {name: option for option in options for name in names_of(option, locale)}
        if not names or names[0] not in inner:
            where = " ".join(("/" + command["name"], *path))
            known = ", ".join(option["name"] for option in options)
            raise PlaygroundRefused(f"{where} needs one of {known} after it.")
        found = inner[names.pop(0)]
        path = (*path, found["name"])
        options = found.get("options") or []
    if names:
        raise PlaygroundRefused(f"/{command['name']} has no subcommand {names[0]}.")
    return Chosen(command=command, path=path, options=options)


def check_place(command: JsonObject, user: User, channel: Channel) -> None:
    """Whether this person may use the command here.

    Raises:
        PlaygroundRefused: when the command is not offered in this place or to this person

    """
    check_member(user, channel)
    here = context_of(channel)
    if here not in _contexts(command):
        raise PlaygroundRefused(f"/{command['name']} is not offered in {PLACES[here]}.")
    if not channel.has_bot and INSTALLED_BY_USERS not in (command.get("integration_types") or []):
        raise PlaygroundRefused(f"/{command['name']} is not offered to people who installed the app for themselves.")
    needed = command.get("default_member_permissions")
    if needed is None or here != CONTEXT_GUILD or user.permissions & ADMINISTRATOR:
        return
    if int(needed) == 0 or int(needed) & ~user.permissions:
        raise PlaygroundRefused(f"{user.name} has no permission to use /{command['name']}.")


def check_member(user: User, channel: Channel) -> None:
    """Whether this person is in the channel's server, and the channel open.

    Raises:
        PlaygroundRefused: when they have left, or the thread is archived: nothing can be used there

    """
    if channel.guild is not None and user.id in channel.guild.left:
        raise PlaygroundRefused(f"{user.name} is no longer in {channel.guild.name}.")
    if channel.archived:
        raise PlaygroundRefused(f"The thread {channel.name} is archived.")


def _contexts(command: JsonObject) -> Sequence[int]:
    """Give where a command is offered; ``dm_permission`` is the older word for it."""
    contexts: Sequence[int] | None = command.get("contexts")
    if contexts is not None:
        return contexts
    return (CONTEXT_GUILD,) if command.get("dm_permission") is False else range(len(PLACES))


def in_own_words(chosen: Chosen, given: Mapping[str, OptionValue], locale: str) -> dict[str, OptionValue]:
    """Give options and choices that were named in the person's language by the names that the bot knows."""
    known = {name: option for option in chosen.options for name in names_of(option, locale)}
    values: dict[str, OptionValue] = {}
    for name, value in given.items():
        option = known.get(name, {"name": name})
        choices = {word: choice["name"] for choice in option.get("choices") or [] for word in names_of(choice, locale)}
        values[option["name"]] = choices.get(value, value) if isinstance(value, str) else value
    return values


def check_options(chosen: Chosen, given: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    """Give the values to send, as Discord's client lets them through; a choice may be given by its name or value.

    Raises:
        PlaygroundRefused: for an unknown or missing option, or a value that the option does not allow

    """
    known = {option["name"]: option for option in chosen.options}
    for name in given:
        if name not in known:
            raise PlaygroundRefused(f"/{chosen.name} has no option {name}; it has {', '.join(known) or 'none'}.")
    for name, option in known.items():
        if option.get("required") and name not in given:
            raise PlaygroundRefused(f"/{chosen.name} needs the option {name}.")
    return {name: _check_value(known[name], value) for name, value in given.items()}


def _check_value(option: JsonObject, value: OptionValue) -> OptionValue:
    kind, name = option["type"], option["name"]
    if option.get("choices"):
        return _check_choice(option, value)
    if kind == STRING:
        return _check_text(option, value)
    if kind in (INTEGER, NUMBER):
        return _check_number(option, value)
    if kind == BOOLEAN and not isinstance(value, bool):
        raise PlaygroundRefused(f"{name} is either true or false.")
    return _check_entity(option, value)


def _check_entity(option: JsonObject, value: OptionValue) -> OptionValue:
    kind, name = option["type"], option["name"]
    if kind == USER and not isinstance(value, User):
        raise PlaygroundRefused(f"{name} must be a person.")
    if kind == CHANNEL:
        return _check_channel(option, value)
    if kind == ROLE and not isinstance(value, Role):
        raise PlaygroundRefused(f"{name} must be a role.")
    if kind in (MENTIONABLE, ATTACHMENT):
        raise PlaygroundRefused(f"{name} has a type that the playground does not offer (files, people or roles).")
    return value


def _check_channel(option: JsonObject, value: OptionValue) -> Channel:
    if not isinstance(value, Channel):
        raise PlaygroundRefused(f"{option['name']} must be a channel.")
    if value.kind not in (option.get("channel_types") or [value.kind]):
        raise PlaygroundRefused(f"{option['name']} can't be a channel of this kind.")
    return value


def _check_choice(option: JsonObject, value: OptionValue) -> OptionValue:
    for choice in option["choices"]:
        if value in (choice["value"], choice["name"]) and not isinstance(value, bool):
            found: OptionValue = choice["value"]
            return found
    names = ", ".join(str(choice["name"]) for choice in option["choices"])
    raise PlaygroundRefused(f"{option['name']} must be one of {names}.")


def _check_text(option: JsonObject, value: OptionValue) -> str:
    name = option["name"]
    if not isinstance(value, str) or not value:
        raise PlaygroundRefused(f"{name} must be some text.")
    least, most = option.get("min_length") or 0, option.get("max_length") or STRING_LENGTH
    if not least <= len(value) <= most:
        raise PlaygroundRefused(f"{name} must have {least} to {most} characters, not {len(value)}.")
    return value


def _check_number(option: JsonObject, value: OptionValue) -> int | float:
    name, whole = option["name"], option["type"] == INTEGER
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise PlaygroundRefused(f"{name} must be a {'whole ' if whole else ''}number.")
    least = option.get("min_value", -LARGEST_INTEGER)
    most = option.get("max_value", LARGEST_INTEGER)
    if not least <= value <= most:
        raise PlaygroundRefused(f"{name} must be from {least} to {most}.")
    return value


def command_data(
    world: World,
    chosen: Chosen,
    values: Mapping[str, OptionValue],
    *,
    focused: str | None = None,
    guild: Guild | None,
) -> JsonObject:
    """Give the ``data`` of the interaction; ``focused``: the option that is being typed."""
    kinds = {option["name"]: option["type"] for option in chosen.options}
    options = [_option_json(name, kinds.get(name), value) for name, value in values.items()]
    for option in options:
        if option["name"] == focused:
            option["focused"] = True
    for depth, name in reversed(list(enumerate(chosen.path))):
        kind = SUBCOMMAND if depth == len(chosen.path) - 1 else GROUP
        options = [{"name": name, "type": kind, "options": options}]
    data: JsonObject = {
        "id": chosen.command["id"],
        "name": chosen.command["name"],
        "type": CHAT_INPUT,
        "options": options,
    }
    users, channels, roles = split(value for value in values.values() if isinstance(value, User | Channel | Role))
    if users or channels or roles:
        data["resolved"] = resolved_json(world, users, channels, roles, guild=guild)
    if "guild_id" in chosen.command:
        data["guild_id"] = chosen.command["guild_id"]
    return data


def _option_json(name: str, kind: int | None, value: OptionValue) -> JsonObject:
    if isinstance(value, User | Channel | Role):
        return {"name": name, "type": kind, "value": str(value.id)}
    if kind is None:
        kind = BOOLEAN if isinstance(value, bool) else STRING if isinstance(value, str) else NUMBER
    return {"name": name, "type": kind, "value": value}

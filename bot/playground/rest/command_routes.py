"""Registering commands: the bot's list for everyone, and lists for single guilds."""

from __future__ import annotations

from bot.playground.changes import Changes
from bot.playground.refusals import ApiError
from bot.playground.rest.frame import Call, Route
from bot.playground.rules.command_rules import CHAT_INPUT, check_command, check_commands
from bot.playground.world import JsonObject, World

CREATES_A_DAY = 200  # interactions/application-commands: per guild (or globally) and day
DAY = 24 * 60 * 60.0

Key = tuple[int, str]


class Commands:
    """What the bot has registered, by guild (None: everywhere), kind and name."""

    def __init__(self, world: World, changes: Changes) -> None:
        self._world = world
        self._changes = changes
        self._scopes: dict[int | None, dict[Key, JsonObject]] = {}
        self._created: dict[int | None, list[float]] = {}

    def all(self) -> list[JsonObject]:
        """Every command, the global ones first."""
        scopes = sorted(self._scopes, key=lambda scope: scope or 0)
        return [command for scope in scopes for command in self._scopes[scope].values()]

    def usable_in(self, guild_id: int | None) -> list[JsonObject]:
        """Give the commands of a guild, then the global ones."""
        own = self._scopes.get(guild_id, {}) if guild_id is not None else {}
        return [*own.values(), *self._scopes.get(None, {}).values()]

    def routes(self) -> list[Route]:
        """Give the routes, the same for everyone's commands and for a guild's."""
        routes = []
        for path in (
            "/applications/{application_id}/commands",
            "/applications/{application_id}/guilds/{guild_id}/commands",
        ):
            routes += [
                Route(method="GET", template=path, handler=self._list),
                Route(method="PUT", template=path, handler=self._overwrite),
                Route(method="POST", template=path, handler=self._upsert),
                Route(method="GET", template=f"{path}/{{command_id}}", handler=self._get),
                Route(method="PATCH", template=f"{path}/{{command_id}}", handler=self._edit),
                Route(method="DELETE", template=f"{path}/{{command_id}}", handler=self._delete),
            ]
        return routes

    def _scope(self, call: Call) -> tuple[int | None, dict[Key, JsonObject]]:
        if call.ids["application_id"] != str(self._world.application_id):
            raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
        guild_id = int(call.ids["guild_id"]) if "guild_id" in call.ids else None
        if guild_id is not None and guild_id not in self._world.guilds:
            raise ApiError(403, 50001, "Missing Access")
        return guild_id, self._scopes.setdefault(guild_id, {})

    def _list(self, call: Call) -> list[JsonObject]:
        return list(self._scope(call)[1].values())

    def _overwrite(self, call: Call) -> list[JsonObject]:
        guild_id, before = self._scope(call)
        wanted = call.body.json
        if not isinstance(wanted, list):
            raise ApiError(400, 50035, "Invalid Form Body")
        check_commands(wanted)
        self._count_creates(guild_id, sum(_key(command) not in before for command in wanted))
        after = {_key(command): self._stored(command, before.get(_key(command)), guild_id) for command in wanted}
        self._scopes[guild_id] = after
        self._changes.tell()
        return list(after.values())

    def _upsert(self, call: Call) -> JsonObject:
        guild_id, commands = self._scope(call)
        wanted = call.object()
        check_command(wanted)
        key = _key(wanted)
        self._count_creates(guild_id, int(key not in commands))
        commands[key] = self._stored(wanted, commands.get(key), guild_id)
        self._changes.tell()
        return commands[key]

    def _find(self, call: Call) -> tuple[dict[Key, JsonObject], Key]:
        _, commands = self._scope(call)
        for key, command in commands.items():
            if command["id"] == call.ids["command_id"]:
                return commands, key
        raise ApiError(404, 10063, "Unknown application command")

    def _get(self, call: Call) -> JsonObject:
        commands, key = self._find(call)
        return commands[key]

    def _edit(self, call: Call) -> JsonObject:
        commands, key = self._find(call)
        changed = commands[key] | call.object() | {"version": str(self._world.ids.next())}
        check_command(changed)
        del commands[key]
        commands[_key(changed)] = changed
        self._changes.tell()
        return changed

    def _delete(self, call: Call) -> None:
        commands, key = self._find(call)
        del commands[key]
        self._changes.tell()

    def _count_creates(self, guild_id: int | None, count: int) -> None:
        now = self._world.clock.now()
        recent = [at for at in self._created.get(guild_id, []) if at > now - DAY]
        if count and len(recent) + count > CREATES_A_DAY:
            message = f"Max number of daily application command creates has been reached ({CREATES_A_DAY})"
            raise ApiError(400, 30034, message)
        self._created[guild_id] = recent + [now] * count

    def _stored(self, wanted: JsonObject, before: JsonObject | None, guild_id: int | None) -> JsonObject:
        scope = {} if guild_id is None else {"guild_id": str(guild_id)}
        return {
            "type": CHAT_INPUT,
            "description": "",
            "options": [],
            "default_member_permissions": None,
            "dm_permission": True,
            "nsfw": False,
            "contexts": None,
            "integration_types": [0],
            "name_localizations": None,
            "description_localizations": None,
            **{name: value for name, value in wanted.items() if name != "integration_types" or value is not None},
            "id": before["id"] if before else str(self._world.ids.next()),
            "application_id": str(self._world.application_id),
            "version": str(self._world.ids.next()),
            **scope,
            **_as_text(wanted, "default_member_permissions"),
        }


def _key(command: JsonObject) -> Key:
    return command.get("type") or CHAT_INPUT, str(command["name"])


def _as_text(wanted: JsonObject, name: str) -> dict[str, str]:
    """Give a number as Discord gives it back: as text."""
    return {} if wanted.get(name) is None else {name: str(wanted[name])}

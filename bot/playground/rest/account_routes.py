"""The bot's account and application, the gateway's address, guilds and people."""

from __future__ import annotations

from bot.playground.gateway import Gateway
from bot.playground.payloads import application_json, channel_json, guild_json, member_json, user_json
from bot.playground.refusals import ApiError
from bot.playground.rest.frame import Call, Handler, Route
from bot.playground.world import Guild, JsonObject, User, World


class AccountRoutes:
    """Everything that is only read, and opening a direct conversation."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway
        self.shards = 1

    def routes(self) -> list[Route]:
        """All of them, most specific first."""
        guild = "/guilds/{guild_id}"
        reads: dict[str, Handler] = {
            "/gateway": self._gateway_address,
            "/gateway/bot": self._gateway_bot,
            "/users/@me": self._me,
            "/users/@me/guilds": self._my_guilds,
            "/users/{user_id}": self._user,
            "/oauth2/applications/@me": self._application,
            "/applications/@me": self._application,
            guild: self._guild,
            f"{guild}/channels": self._channels,
            f"{guild}/roles": self._roles,
            f"{guild}/members/{{user_id}}": self._member,
        }
        routes = [Route(method="GET", template=path, handler=handler) for path, handler in reads.items()]
        return [*routes, Route(method="POST", template="/users/@me/channels", handler=self._open_direct)]

    def _gateway_address(self, _call: Call) -> JsonObject:
        return {"url": self._gateway.url}

    def _gateway_bot(self, _call: Call) -> JsonObject:
        limit = self._gateway.limits.json()
        return {"url": self._gateway.url, "shards": self.shards, "session_start_limit": limit}

    def _me(self, _call: Call) -> JsonObject:
        return user_json(self._world.bot) | {"verified": True, "mfa_enabled": True, "email": None}

    def _my_guilds(self, _call: Call) -> list[JsonObject]:
        guilds = [guild for guild in self._world.guilds.values() if guild.installed]
        return [
            {"id": str(g.id), "name": g.name, "icon": None, "owner": False, "features": []}
            | {"permissions": str(self._world.bot.permissions)}
            for g in guilds
        ]

    def _application(self, _call: Call) -> JsonObject:
        return application_json(self._world)

    def _user(self, call: Call) -> JsonObject:
        return user_json(self._find_user(call, 10013, "Unknown User"))

    def _find_user(self, call: Call, code: int, message: str) -> User:
        user = self._world.users.get(int(call.ids["user_id"])) if call.ids["user_id"].isdigit() else None
        if user is None:
            raise ApiError(404, code, message)
        return user

    def _find_guild(self, call: Call) -> Guild:
        guild = self._world.guilds.get(int(call.ids["guild_id"])) if call.ids["guild_id"].isdigit() else None
        if guild is None or not guild.installed:
            raise ApiError(404, 10004, "Unknown Guild")
        return guild

    def _guild(self, call: Call) -> JsonObject:
        return guild_json(self._world, self._find_guild(call))

    def _channels(self, call: Call) -> list[JsonObject]:
        return [channel_json(self._world, channel) for channel in self._world.channels_of(self._find_guild(call))]

    def _roles(self, call: Call) -> list[JsonObject]:
        roles: list[JsonObject] = guild_json(self._world, self._find_guild(call))["roles"]
        return roles

    def _member(self, call: Call) -> JsonObject:
        guild = self._find_guild(call)
        user = self._find_user(call, 10007, "Unknown Member")
        if user.id in guild.left:
            raise ApiError(404, 10007, "Unknown Member")
        return member_json(user, guild)

    def _open_direct(self, call: Call) -> JsonObject:
        recipient = str(call.object().get("recipient_id"))
        user = self._world.users.get(int(recipient)) if recipient.isdigit() else None
        if user is None or user.bot:
            raise ApiError(400, 50033, "Invalid Recipient(s)")
        return channel_json(self._world, self._world.direct_channel(user))

"""The bot's account on Discord: token, application, servers, permissions, commands. Only asks, changes nothing."""

from __future__ import annotations

from typing import Any

import aiohttp
import discord
from discord.http import Route

from bot.config import GETTING_ONTO_DISCORD, Config
from bot.hosting.doctor.finding import Finding, doubtful, fine, wrong

SECONDS = 15.0
FEW_STARTS = 20
"""Logins left today below which it is said: Discord resets the token of a bot that uses all of them up."""
SERVERS_SHOWN = 5
NEEDED = discord.Permissions(
    view_channel=True, send_messages=True, send_messages_in_threads=True, embed_links=True, attach_files=True
)
"""For posting stories and files. Answers to commands need none."""
_PORTAL = "https://discord.com/developers/applications"
_IN_SERVERS, _FOR_USERS = "0", "1"
_UNAUTHORIZED = 401
_OK = 200

Json = Any


async def look_at_account(config: Config) -> list[Finding]:
    """Ask Discord about everything that has to do with the token."""
    token = config.discord_token.get_secret_value()
    if not token:
        return [wrong("token", "DISCORD_TOKEN is empty.", GETTING_ONTO_DISCORD.partition(". ")[2])]
    base = config.discord_api_url or Route.BASE
    headers = {"Authorization": f"Bot {token}", "User-Agent": f"DiscordBot (storybot, {discord.__version__})"}
    try:
        async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=SECONDS)) as session:
            return await _Account(session, base).findings()
    except _RefusedError as refused:
        return [_refusal(refused.status)]
    except ValueError:  # a token with letters that no header takes
        return [_refusal(_UNAUTHORIZED)]
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        mend = "Check the network, the firewall and the clock; https://discordstatus.com says whether others reach it."
        return [wrong("Discord", f"It can't be reached: {type(error).__name__}.", mend)]


class _RefusedError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"answered with {status}")
        self.status = status


class _Account:
    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base

    async def findings(self) -> list[Finding]:
        me = await self._get("/users/@me")
        application = await self._get("/applications/@me")
        start = (await self._get("/gateway/bot"))["session_start_limit"]
        servers = await self._get("/users/@me/guilds?limit=200")
        commands = await self._get(f"/applications/{application['id']}/commands")
        return [
            fine("token", f"It is that of {me['username']}."),
            _endpoint(application),
            _installation(application),
            fine("intents", "No privileged intent is needed; the bot reads no messages."),
            _servers(servers, application["id"]),
            _permissions(servers),
            _commands(len(commands)),
            _starts(start),
        ]

    async def _get(self, path: str) -> Json:
        async with self._session.get(self._base + path) as response:
            if response.status != _OK:
                raise _RefusedError(response.status)
            return await response.json()


def _refusal(status: int) -> Finding:
    if status == _UNAUTHORIZED:
        mend = f"Copy it anew: {_PORTAL}, your application, Bot, Reset Token; then DISCORD_TOKEN=… in .env."
        return wrong("token", "Discord does not know it.", mend)
    return wrong("Discord", f"It answers with {status}.", "Try again in a few minutes; https://discordstatus.com.")


def _endpoint(application: Json) -> Finding:
    if application.get("interactions_endpoint_url"):
        mend = f"Empty it: {_PORTAL}, your application, General Information, Interactions Endpoint URL."
        return wrong("application", "Commands are sent to a web address, so the bot never hears of them.", mend)
    return fine("application", f"{application['name']}; commands come over the gateway.")


def _installation(application: Json) -> Finding:
    ways = application.get("integration_types_config") or {}
    missing = [what for way, what in ((_IN_SERVERS, "to servers"), (_FOR_USERS, "by people")) if way not in ways]
    if missing:
        mend = f"{_PORTAL}, your application, Installation: tick Guild Install and User Install."
        return doubtful("installation", f"The bot can't be added {' or '.join(missing)}.", mend)
    return fine("installation", "The bot can be added to servers and by people for themselves.")


def _servers(servers: list[Json], application_id: str) -> Finding:
    if not servers:
        link = discord.utils.oauth_url(int(application_id), permissions=NEEDED, scopes=("bot", "applications.commands"))
        return doubtful("servers", "The bot is on no server.", f"Open {link} and choose one.")
    return fine("servers", f"The bot is on {len(servers)}{' or more' if len(servers) == 200 else ''}.")  # noqa: PLR2004


def _permissions(servers: list[Json]) -> Finding:
    """Look at what the bot's roles allow; single channels may differ, and then it says so in them."""
    lacking: dict[str, list[str]] = {}
    for server in servers:
        has = discord.Permissions(int(server["permissions"]))
        if has.administrator:
            continue
        missing = [name for name, wanted in NEEDED if wanted and not getattr(has, name)]
        for name in missing:
            lacking.setdefault(name.replace("_", " ").title(), []).append(str(server["name"]))
    if not lacking:
        return fine("permissions", f"The bot's roles have what it needs on {len(servers)} servers.")
    where = sorted({name for names in lacking.values() for name in names})
    shown = ", ".join(where[:SERVERS_SHOWN]) + (
        f" and {len(where) - SERVERS_SHOWN} more" if where[SERVERS_SHOWN:] else ""
    )
    mend = "Server Settings, Roles, the bot's role; or add the bot again with the link of its Installation page."
    return doubtful("permissions", f"{', '.join(lacking)} missing on {shown}: it can't post stories there.", mend)


def _commands(count: int) -> Finding:
    if not count:
        return doubtful("commands", "None is registered.", "The bot registers them when it starts; or: storybot sync")
    return fine("commands", f"{count} are registered.")


def _starts(limit: Json) -> Finding:
    left = int(limit["remaining"])
    if left < FEW_STARTS:
        hours = limit["reset_after"] / 3_600_000
        mend = f"Leave it stopped until that has passed ({hours:.0f} h), and find out why it restarts so often."
        return doubtful("logins", f"Only {left} are left today.", mend)
    return fine("logins", f"{left} of {limit['total']} are left today.")

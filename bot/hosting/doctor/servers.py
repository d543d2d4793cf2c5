"""The servers of STORY_ENGINE=remote: whether each is there and takes our key."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import aiohttp

from bot.config import Config
from bot.hosting.doctor.finding import Finding, doubtful, fine, wrong
from bot.hosting.doctor.machine import is_local
from storygen.checkpoint import read_info
from storygen.engines.remote.call import ask_about_model, new_session
from storygen.engines.remote.errors import RemoteFailed, ServerUnavailable
from storygen.engines.remote.options import RemoteOptions
from storygen.engines.remote.server import Server
from storygen.errors import CheckpointError

SECONDS = 10.0


async def look_at_servers(config: Config) -> list[Finding]:
    """Ask each server for its model."""
    options = replace(config.remote_options(), first_seconds=SECONDS)
    servers = [Server(url, model=options.model) for url in options.base_urls]
    async with new_session(options) as session:
        found = await asyncio.gather(*(_ask(session, server, options) for server in servers))
    return [*found, *_keys(servers, options), *_genres(config, options)]


async def _ask(session: aiohttp.ClientSession, server: Server, options: RemoteOptions) -> Finding:
    about = f"server {server.name}"
    try:
        await ask_about_model(session, server, options)
    except ServerUnavailable as error:
        mend = "Start it, or mend REMOTE_BASE_URL: the address with /v1 at its end."
        return wrong(about, f"It does not answer: {error.problem}.", mend)
    except RemoteFailed as error:
        return wrong(
            about, f"It refuses us: {error.problem}.", "Look at REMOTE_API_KEY, REMOTE_BASE_URL and REMOTE_MODEL."
        )
    if not server.model:
        return doubtful(about, "It answers, but does not say which model it has.", "Name it in REMOTE_MODEL.")
    return fine(about, "It answers and has a model.")


def _keys(servers: list[Server], options: RemoteOptions) -> list[Finding]:
    if not options.api_key:
        return []
    plain = [server.name for server in servers if server.url.scheme == "http" and not is_local(server.url.host or "")]
    if not plain:
        return []
    mend = "Use https:// or a network that nobody else is in."
    return [doubtful("REMOTE_API_KEY", f"The key and the stories go unencrypted to {', '.join(plain)}.", mend)]


def _genres(config: Config, options: RemoteOptions) -> list[Finding]:
    if options.genres:
        return [fine("genres", ", ".join(options.genres) + ".")]
    try:
        info = read_info(config.story_model)
    except CheckpointError as error:
        return [
            wrong("genres", f"{error}.", "STORY_MODEL is the folder of what the servers run, or name REMOTE_GENRES.")
        ]
    return [fine("genres", ", ".join(genre.label for genre in info.genres) + ".")]

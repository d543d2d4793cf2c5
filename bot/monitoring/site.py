"""The small server for whoever runs the bot: ``/metrics``, ``/healthz`` and ``/readyz``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot.errors import ConfigError
from bot.monitoring.health import Health


class Site:
    """Answers. It changes nothing and knows no secret, but is not made for strangers."""

    def __init__(self, registry: CollectorRegistry, health: Health) -> None:
        self._registry = registry
        self._health = health

    @asynccontextmanager
    async def served(self, address: str) -> AsyncIterator[tuple[str, int]]:
        """Serve at ``host:port`` while the block lasts; give host and port. Raises ConfigError where that can't be."""
        host, _, port = address.rpartition(":")
        runner = web.AppRunner(self._application(), access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host.strip("[]"), int(port))
            try:
                await site.start()
            except (OSError, OverflowError) as error:
                reason = getattr(error, "strerror", None) or error
                raise ConfigError([f"METRICS_ADDRESS={address} can't be listened on: {reason}."]) from error
            bound = runner.addresses[0]
            yield str(bound[0]), int(bound[1])
        finally:
            await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/healthz", self._alive)
        application.router.add_get("/readyz", self._ready)
        return application

    async def _metrics(self, _request: web.Request) -> web.Response:
        # On the event loop, where the engine wants to be looked at; it takes a few milliseconds.
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _alive(self, _request: web.Request) -> web.Response:
        """Say that the event loop still comes round."""
        return web.json_response({"alive": True})

    async def _ready(self, _request: web.Request) -> web.Response:
        """Say of each part how it is; 503 where one is not well."""
        parts = await self._health.parts()
        ready = all(part.well for part in parts)
        found = {part.name: {"well": part.well, "state": part.state} for part in parts}
        return web.json_response({"ready": ready, "parts": found}, status=200 if ready else 503)

"""What is not counted but looked at, whenever somebody asks for the metrics: the engine's and the gateway's state."""

from __future__ import annotations

import math
from collections.abc import Iterator

import discord
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.config import Config
from storygen.engine import Engine, EngineState


class Scraped(Collector):
    """Gauges of the present moment. All methods run on the event loop, as the engine wants it."""

    def __init__(self, engine: Engine, client: discord.AutoShardedClient, config: Config) -> None:
        self._engine = engine
        self._client = client
        remote = config.story_engine == "remote"
        self._rows = config.remote_at_once if remote else config.story_workers * config.story_rows

    def describe(self) -> list[GaugeMetricFamily]:
        """Name no metric beforehand: nothing is running then."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Look."""
        status = self._engine.status()
        yield _gauge("queue_length", "Requests that wait for their turn", status.waiting)
        yield _gauge("rows_in_use", "Requests that are being written", status.running)
        yield _gauge("rows", "Requests that can be written at the same time", self._rows)
        state = GaugeMetricFamily("storybot_engine_state", "1 for the state that the engine is in", labels=["state"])
        for each in EngineState:
            state.add_metric([each.value], float(status.state is each))
        yield state
        working = GaugeMetricFamily("storybot_server_up", "1 where a remote server works", labels=["server"])
        running = GaugeMetricFamily("storybot_server_running", "Requests with a remote server", labels=["server"])
        for server in status.servers:
            working.add_metric([server.name], float(server.working))
            running.add_metric([server.name], server.running)
        yield working
        yield running
        yield from self._gateway()

    def _gateway(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("storybot_shard_up", "1 where a shard is connected", labels=["shard"])
        latency = GaugeMetricFamily(
            "storybot_gateway_latency_seconds", "From a heartbeat to its answer, by shard", labels=["shard"]
        )
        for number, shard in self._client.shards.items():
            up.add_metric([str(number)], float(not shard.is_closed()))
            if math.isfinite(shard.latency):
                latency.add_metric([str(number)], shard.latency)
        yield up
        yield latency
        yield _gauge("servers", "Discord servers that the bot is on", len(self._client.guilds))


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"storybot_{name}", meaning, value)

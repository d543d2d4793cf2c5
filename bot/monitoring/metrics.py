"""Everything that is counted and measured. No label ever has a person's number, a server's, or a text.

Names and meanings are in docs/operations.md; a test compares.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

_SHORT = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 10.0)
"""Seconds. Discord waits three for an acknowledgement."""
_LONG = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 240.0, 840.0)


class Metrics:
    """One for the whole bot; whoever meets something worth counting is given the part that counts it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.begun = self._counter("generations_begun", "Passages that the model was asked for", "genre")
        self.ended = self._counter("generations_ended", "Passages that ended, by why", "genre", "reason")
        self.refused = self._counter("generations_refused", "Passages that the engine did not take", "error")
        self.tokens = self._counter("tokens", "Tokens that the model read (prompt) and wrote (new)", "kind")
        self.waiting_seconds = self._histogram(
            "waiting_seconds", "From the request until the model begins with it", _LONG
        )
        self.first_words_seconds = self._histogram(
            "first_words_seconds", "From the request until its first words are there", _LONG
        )
        self.acknowledgement_seconds = self._histogram(
            "acknowledgement_seconds", "From an interaction's arrival until Discord has the first answer", _SHORT
        )
        self.loop_delay_seconds = self._histogram(
            "loop_delay_seconds", "How late the event loop comes to what is due", _SHORT
        )
        self.database_seconds = self._histogram(
            "database_seconds", "What the database takes, with waiting for its turn", _SHORT, "kind"
        )
        self.discord_requests = self._counter(
            "discord_requests", "Requests to Discord, by the answer's status; 429: too many, 0: no answer", "status"
        )
        self.gateway = self._counter(
            "gateway_events", "Sessions with Discord's gateway, by what became of them", "event"
        )
        self.errors = self._counter("errors", "Errors that people were told about, by kind", "kind")
        self.log_records = self._counter("log_records", "What the log has at WARNING and above", "level", "logger")
        self.heartbeats_late = self._counter(
            "heartbeats_late", "Heartbeats that were late, as discord.py says in the log"
        )

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"storybot_{name}", meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"storybot_{name}", meaning, labels, buckets=buckets, registry=self.registry)

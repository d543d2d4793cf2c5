"""Counts what the log has at WARNING and above, and the heartbeats that discord.py complains about there."""

from __future__ import annotations

import logging

from bot.monitoring.metrics import Metrics

LATE_HEARTBEAT = ("Shard ID %s heartbeat blocked", "Can't keep up, shard ID %s")
"""How discord.py's sentences about late heartbeats begin; it has no event for them."""


class LogWatch(logging.Handler):
    """A handler that writes nothing."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.WARNING)
        self._metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        """Count. Only by the package, so that there are few of them; what was said stays where it is."""
        package = record.name.partition(".")[0]
        self._metrics.log_records.labels(record.levelname, package).inc()
        if package == "discord" and str(record.msg).startswith(LATE_HEARTBEAT):
            self._metrics.heartbeats_late.inc()

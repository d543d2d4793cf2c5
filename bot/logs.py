"""The log: as lines to read, or as one JSON object a line, and never with what people wrote."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

from bot.config import Config

TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
NEVER_VERBOSE = ("discord", "aiosqlite", "aiohttp", "asyncio", "urllib3", "httpx", "httpcore")
"""Their debug lines can hold what people typed, keys and addresses with tokens: no more than INFO, whatever the level.

aiohttp and asyncio say nothing worse today; that they never will is not for us to promise.
"""

current_interaction: ContextVar[int | None] = ContextVar("current_interaction", default=None)
"""Number of the interaction that the running task answers; tasks that it starts have it too."""


class JsonLines(logging.Formatter):
    """One JSON object for each record; a traceback is a text in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line: time (UTC), level, logger, message, and where there are some interaction and traceback."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (interaction := current_interaction.get()) is not None:
            fields["interaction"] = str(interaction)  # as text: more digits than a double keeps
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)


def set_up_logging(config: Config, stream: TextIO | None = None) -> None:
    """Send everything that is logged to ``stream``, else to standard error, in the operator's format and level."""
    level = logging.getLevelNamesMapping()[config.log_level]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if config.log_format == "json" else logging.Formatter(TEXT))
    logging.basicConfig(level=level, handlers=[handler])
    for name in NEVER_VERBOSE:
        logging.getLogger(name).setLevel(max(level, logging.INFO))

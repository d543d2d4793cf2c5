"""The engine that the operator has chosen."""

from __future__ import annotations

from bot.config import Config
from storygen.engine import Engine
from storygen.engines.local import LocalEngine
from storygen.engines.remote import RemoteEngine

CHOICE_FILE = "number_format.json"
"""Beside the database: what STORY_DTYPE=auto has chosen, so that the stories in there can be told again."""


def make_engine(config: Config) -> Engine:
    """Make the engine that the operator has chosen; nothing of it is started."""
    if config.story_engine == "remote":
        return RemoteEngine(
            config.story_model,
            config.remote_options(),
            queue_limit=config.queue_limit,
            queue_share=config.queue_share,
        )
    return LocalEngine(
        config.story_model,
        device=config.story_device,
        workers=config.story_workers,
        rows=config.story_rows,
        queue_limit=config.queue_limit,
        queue_share=config.queue_share,
        threads=config.story_threads,
        dtype=config.story_dtype,
        choice_file=config.database_path.with_name(CHOICE_FILE),
    )

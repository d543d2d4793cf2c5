"""What whoever runs the bot has to mend, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.errors.parent import BotError


class ConfigError(BotError):
    """The operator's values can't be used. Read by the operator: ``problems`` are whole sentences."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class ShardTaken(BotError):
    """Another process on this machine serves a shard with the same database. Read by the operator."""

    def __init__(self, shard: int, database: Path) -> None:
        super().__init__(
            f"Another process of the bot serves shard {shard} with {database} already. Stop that one first; "
            "several processes need different SHARD_IDS, and one bot needs a DATABASE_PATH of its own."
        )
        self.shard = shard
        self.database = database


class ShuttingDown(BotError):
    """The bot is about to end and takes nothing more."""

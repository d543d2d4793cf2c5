"""All that the doctor looks at, in the order in which it is told."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from bot.config import load_config
from bot.errors import ConfigError
from bot.hosting.doctor.account import look_at_account
from bot.hosting.doctor.database import look_at_database
from bot.hosting.doctor.finding import Finding, fine, wrong
from bot.hosting.doctor.machine import look_at_machine
from bot.hosting.doctor.model import look_at_model
from bot.hosting.doctor.servers import look_at_servers


async def examine(env_file: Path = Path(".env")) -> list[Finding]:
    """Look at everything that there is to look at with what the operator has chosen."""
    try:
        config = load_config(env_file)
    except ConfigError as error:
        return [
            wrong("configuration", problem, "Mend it in .env, or in the environment.") for problem in error.problems
        ]
    logging.disable(logging.CRITICAL)  # what goes wrong is in the table
    try:
        findings = [fine("configuration", "Every value can be used.")]
        findings += await look_at_account(config)
        findings += await asyncio.to_thread(look_at_database, config.database_path)
        findings += await asyncio.to_thread(look_at_machine, config, env_file)
        findings += await (look_at_servers(config) if config.story_engine == "remote" else look_at_model(config))
    finally:
        logging.disable(logging.NOTSET)
    return findings

"""Who sees an answer: where the rules of a server refuse a person, they alone, so that nobody else is bothered."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from bot.errors import BotError

PATIENCE_SECONDS = 1.0
"""Discord waits three seconds for a first answer, and the way to it takes some of them."""

Admitting = Coroutine[Any, Any, object]
"""A question to the server's gate: ``Gate.admit`` or ``Gate.admit_telling``."""


async def is_refused(admitting: Admitting) -> bool:
    """Say whether the server's gate will refuse what was asked for; whoever writes asks it again.

    Only what is known in time counts: the answer has to be acknowledged.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await admitting
    except TimeoutError:
        return False
    except BotError:
        return True
    return False

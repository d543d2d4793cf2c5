"""Who sees an answer: where the rules of a server refuse a person, they alone, so that nobody else is bothered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.errors import BotError
from bot.look.showing import teller_of
from bot.storytelling.telling import Teller

PATIENCE_SECONDS = 1.0
"""Discord waits three seconds for a first answer, and the way to it takes some of them."""


Admit = Callable[[Teller], Awaitable[object]]
"""A question to the server's gate: ``Gate.admit`` or ``Gate.admit_telling``."""


async def is_refused(interaction: discord.Interaction[Any], admit: Admit) -> bool:
    """Say whether the server's gate will refuse what was asked for; whoever writes asks it again.

    Only what is known in time counts: the answer has to be acknowledged.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await admit(teller_of(interaction))
    except TimeoutError:
        return False
    except BotError:
        return True
    return False

"""A few words to whoever has told their first story, for their eyes only and never again."""

from __future__ import annotations

import logging
from typing import Any

import discord

from bot.replies import UNREACHABLE
from bot.store import StoryStore

FIRST_HINT = (
    "That was your first story here. **Continue** below it goes on, **Retry** tells it another way, and `/help` shows "
    "what else there is. What I keep of yours, and how to be rid of it, says `/privacy summary`."
)

log = logging.getLogger(__name__)


async def hint_at_first(interaction: discord.Interaction[Any], store: StoryStore) -> None:
    """Send the hint if the story that was just told is the person's only one.

    Who keeps no history always has one story only, and has found their way about.
    """
    user_id = interaction.user.id
    if await store.count_stories(user_id) != 1 or not await store.people.keeps_history(user_id):
        return
    try:
        await interaction.followup.send(FIRST_HINT, ephemeral=True)
    except UNREACHABLE as error:  # the story is there, and that is what counts
        log.warning("interaction %s got no hint: %s", interaction.id, error)

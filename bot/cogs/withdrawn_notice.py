"""A sentence to whoever's story a server has taken out: the next time that they use a command, for them only, once."""

from __future__ import annotations

import logging
from typing import Any

import discord

from bot.replies import UNREACHABLE
from bot.store import StoryStore, Why, Withdrawal
from bot.text import clipped, escaped

NAMED_STORIES = 5
TITLE_LIMIT = 80

log = logging.getLogger(__name__)


async def tell_of_withdrawals(interaction: discord.Interaction[Any], store: StoryStore) -> None:
    """Say it where there is something to say; where it can't be said now, it is said another time."""
    withdrawals = await store.review.untold(interaction.user.id)
    if not withdrawals:
        return
    try:
        await interaction.followup.send(_words(interaction.client, withdrawals), ephemeral=True)
    except UNREACHABLE as error:
        log.warning("interaction %s could not be told of what was taken out: %s", interaction.id, error)
        return
    await store.review.told(interaction.user.id)


def _words(client: discord.Client, withdrawals: list[Withdrawal]) -> str:
    lines = [f"- {_line(client, withdrawal)}" for withdrawal in withdrawals[:NAMED_STORIES]]
    if len(withdrawals) > NAMED_STORIES:
        lines.append(f"- and {len(withdrawals) - NAMED_STORIES} more")
    listed = "\n".join(lines)
    return (
        f"Those who run a server have taken stories of yours out of it:\n{listed}\n"
        "Nobody finds them there any more. Your own copies are untouched: `/stories list` has them."
    )


def _line(client: discord.Client, withdrawal: Withdrawal) -> str:
    guild = client.get_guild(withdrawal.guild_id)
    where = "a server where I no longer am" if guild is None else escaped(guild.name)
    why = ", after a report" if withdrawal.why is Why.REPORT else ""
    return f"**{escaped(clipped(withdrawal.story.title or 'Untitled', TITLE_LIMIT))}** from {where}{why}"

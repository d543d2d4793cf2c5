"""Telling a person what went wrong in a sentence, and the log its traceback."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import aiohttp
import discord
from discord.utils import MISSING

from bot.errors import WordsRefused
from bot.sentences import sentence_for

log = logging.getLogger(__name__)

GIVEN_BACK_LENGTH = 4000
"""As much as a form takes."""

UNREACHABLE = (discord.HTTPException, aiohttp.ClientError, OSError)
"""What discord.py raises where Discord refuses or the line to it is broken."""


async def answer_error(
    interaction: discord.Interaction[Any], error: BaseException, *, private: bool = True, words: str = ""
) -> None:
    """Tell the person what went wrong, as the first answer or after one.

    An error that is our own fault gets a short id, under which the log has the traceback. ``words`` are what the
    person typed into a form that is gone now; they get them back.
    """
    error = getattr(error, "original", error)
    if isinstance(error, WordsRefused):
        words = words or error.words
    interaction.client.dispatch("error_told", error)
    sentence = sentence_for(error)
    if sentence is None:
        error_id = secrets.token_hex(3)
        log.error("error %s in interaction %s", error_id, interaction.id, exc_info=error)
        sentence = f"Something broke on my side, and it was not your fault. If it happens again, report `{error_id}`."
    else:
        log.info("interaction %s answered with %s", interaction.id, type(error).__name__)
    embed = _given_back(words) if words.strip() else None
    try:
        if embed is not None and await _is_taken_back(interaction):
            await interaction.followup.send(sentence, ephemeral=True, embed=embed)
        else:
            await say(interaction, sentence, private=private, embed=embed)
    except UNREACHABLE as unsayable:
        log.warning("interaction %s could not be answered: %s", interaction.id, unsayable)


async def say(
    interaction: discord.Interaction[Any],
    sentence: str,
    *,
    private: bool = True,
    embed: discord.Embed | None = None,
    view: discord.ui.View | None = None,
) -> None:
    """Give one sentence, perhaps with a card or buttons, whether or not the interaction was answered already."""
    embeds = [] if embed is None else [embed]
    if not interaction.response.is_done():
        await interaction.response.send_message(sentence, ephemeral=private, embeds=embeds, view=view or MISSING)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        await interaction.edit_original_response(content=sentence, embeds=embeds, view=view)
    else:
        await interaction.followup.send(sentence, ephemeral=private, embeds=embeds, view=view or MISSING)


async def _is_taken_back(interaction: discord.Interaction[Any]) -> bool:
    """Take "is thinking…" back where all can see it, since somebody's words are for them alone; say whether it was."""
    if interaction.response.type is not discord.InteractionResponseType.deferred_channel_message:
        return False
    if (await interaction.original_response()).flags.ephemeral:
        return False
    await interaction.delete_original_response()
    return True


def _given_back(words: str) -> discord.Embed:
    """Show what somebody typed as it can be copied again."""
    text = words.replace("```", "'''")[:GIVEN_BACK_LENGTH]
    return discord.Embed(title="Your words, so that they are not lost", description=f"```\n{text}\n```")

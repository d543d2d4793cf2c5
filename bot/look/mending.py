"""Messages that a crash has left growing show the end of their passage, as soon as the bot is there again.

Nothing is posted: each is changed by its interaction's token, and where that is too old, as a message of the bot's own.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Any

import discord

from bot.errors import PassageNotFound
from bot.look.screens import Screen
from bot.look.showing import Showing
from bot.replies import UNREACHABLE
from bot.store import OpenAnswer, OpenCommand, Passage, StoryStore

INTERRUPTED = "I was restarted while I wrote this. What you could read is kept; Continue goes on from there."
ASK_AGAIN = "I was restarted before I could answer this. Please ask again."
INTERRUPTED_EARLY = "I was restarted before the first word of this."

_ORIGINAL: Any = "@original"  # Discord's own name for the answer to an interaction, in the place of an id
_TRY_AGAIN_FROM = 500
"""Answers of Discord from this status on say nothing about the message, so the next start tries again."""

log = logging.getLogger(__name__)


async def mend(
    client: discord.Client,
    store: StoryStore,
    showing: Showing,
    answers: Sequence[OpenAnswer],
    interrupted: Collection[Passage],
) -> None:
    """Let the messages of ``answers`` show the ends of their passages; ``interrupted`` are those that a crash ended."""
    notes = {passage.id: INTERRUPTED if passage.text else INTERRUPTED_EARLY for passage in interrupted}
    for answer in answers:
        if await _was_retried(store, answer.passage_id):
            await store.unfinished.close_answer(answer.passage_id)
            continue
        screen = await showing.end_of(answer.passage_id, note=notes.get(answer.passage_id), before=answer.before_id)
        if await _show(client, store, answer, screen):
            await store.unfinished.close_answer(answer.passage_id)
    if answers:
        log.info("%d messages had not shown the end of their passage", len(answers))


async def _was_retried(store: StoryStore, passage_id: int) -> bool:
    """Say whether somebody has pressed Retry since: the message shows the newer version then, or will."""
    try:
        return any(version.id > passage_id for version in await store.tree.versions_of(passage_id))
    except PassageNotFound:  # its story was deleted meanwhile, and the message says so
        return True


async def answer_open_commands(client: discord.Client, store: StoryStore, commands: Sequence[OpenCommand]) -> None:
    """Let no command say "is thinking…" that nobody thinks about any more."""
    for command in commands:
        webhook = _webhook(client, command.token)
        try:
            message = await webhook.fetch_message(_ORIGINAL)
            if message.flags.loading:
                await message.edit(content=ASK_AGAIN)
        except UNREACHABLE as error:
            if not isinstance(error, discord.HTTPException) or error.status >= _TRY_AGAIN_FROM:
                log.warning("interaction %d could not be answered: %s", command.interaction_id, error)
                continue
        await store.unfinished.forget_command(command.interaction_id)


async def _show(client: discord.Client, store: StoryStore, answer: OpenAnswer, screen: Screen) -> bool:
    """Say whether the message shows it now, or never will."""
    try:
        await _by_token(client, answer, screen)
    except discord.HTTPException as refused:
        if refused.status >= _TRY_AGAIN_FROM:
            return False
        return await _as_own_message(client, store, answer, screen)
    except UNREACHABLE as error:
        log.warning("the message of passage %d could not be mended: %s", answer.passage_id, error)
        return False
    return True


async def _by_token(client: discord.Client, answer: OpenAnswer, screen: Screen) -> None:
    webhook = _webhook(client, answer.token)
    message_id = answer.message_id or (await webhook.fetch_message(_ORIGINAL)).id
    await webhook.edit_message(message_id, content=screen.content, embeds=screen.embeds, view=screen.view)


def _webhook(client: discord.Client, token: str) -> discord.Webhook:
    """Give what changes the answers to an interaction."""
    if client.application_id is None:
        raise RuntimeError("the bot has not logged in")
    return discord.Webhook.partial(client.application_id, token, client=client)


async def _as_own_message(client: discord.Client, store: StoryStore, answer: OpenAnswer, screen: Screen) -> bool:
    passage = await store.passage(answer.passage_id)
    if passage.channel_id is None or passage.message_id is None:
        return True  # one that only its owner sees, too old to be changed: its Stop brings it up to date
    message = client.get_partial_messageable(passage.channel_id).get_partial_message(passage.message_id)
    try:
        await message.edit(content=screen.content, embeds=screen.embeds, view=screen.view)
    except discord.HTTPException as refused:
        return refused.status < _TRY_AGAIN_FROM
    except UNREACHABLE as error:
        log.warning("the message of passage %d could not be mended: %s", answer.passage_id, error)
        return False
    return True

"""Shows passages in messages: those that are being written, and those that stand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import discord
from discord.utils import MISSING

from bot.config import Config
from bot.errors import BotError, DatabaseUnusable
from bot.look.live_message import show
from bot.look.screens import Edit, Screen, passage_screen, put, sentence_screen, unstored_screen
from bot.sentences import sentence_for
from bot.store import OpenAnswer, StoredStory, StoryStore
from bot.storytelling.story_editor import ShownPassage, StoryEditor
from bot.storytelling.telling import Teller, Telling
from storygen.engine import Engine

log = logging.getLogger(__name__)

NOT_MY_DAY = "Something broke on my side, and it was not your fault. Nothing of your story is lost; please try again."
STOPPED_EARLY = "Stopped before the first word."
OLD_VERSION = "The version that you had is still here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A message of the bot that is to show a passage, and Discord's key to it."""

    edit: Edit
    token: str
    is_new: bool = False
    """It is posted with its first edit; until then nobody sees that anything was asked for."""


class RenewableEdit:
    """An edit of a message by the newest interaction with it: Discord forgets each after 15 minutes."""

    def __init__(self, edit: Edit) -> None:
        self.newest = edit

    async def __call__(
        self, *, content: str | None, embeds: list[discord.Embed], view: discord.ui.View | None
    ) -> discord.Message:
        """Show exactly this."""
        return await self.newest(content=content, embeds=embeds, view=view)


class Showing:
    """One for the whole bot; it knows which messages are growing."""

    def __init__(self, store: StoryStore, editor: StoryEditor, engine: Engine, config: Config) -> None:
        self._store = store
        self._editor = editor
        self._engine = engine
        self._config = config
        self._growing: set[asyncio.Task[Any]] = set()
        self._edits: dict[int, RenewableEdit] = {}

    async def all_shown(self, timeout_seconds: float) -> None:
        """Wait until every message that is growing shows its end, at most so long."""
        if self._growing:
            await asyncio.wait(self._growing, timeout=timeout_seconds)

    async def stand(self, edit: Edit, shown: ShownPassage, *, note: str | None = None, more: bool = False) -> None:
        """Show a passage as it is stored."""
        await put(edit, passage_screen(shown, self._engine.genres, note=note, more=more))

    async def stand_anew(
        self, interaction: discord.Interaction[Any], shown: ShownPassage, *, private: bool, note: str | None = None
    ) -> None:
        """Show a passage in a message of its own, which is remembered."""
        screen = passage_screen(shown, self._engine.genres, note=note)
        message = await put(new_message(interaction, private=private).edit, screen)
        await self.remember(shown.passage.id, message)

    async def grow(
        self, telling: Telling, answer: Answer, *, note: str | None = None, before: int | None = None
    ) -> None:
        """Show a passage while it is written and when it has ended.

        ``before`` is the passage that the message showed: where the new one ends without text, it is shown again.
        """
        task = asyncio.current_task()
        if task is not None:
            self._growing.add(task)
            task.add_done_callback(self._growing.discard)
        passage_id = telling.passage.id
        renewable = self._edits[passage_id] = RenewableEdit(answer.edit)
        noted = OpenAnswer(passage_id=passage_id, token=answer.token, before_id=before)
        if not answer.is_new:
            await _if_possible(self._store.unfinished.open_answer(noted))
        try:
            shows_end = await show(
                telling,
                renewable,
                end=partial(self._end_of_telling, telling, note, before),
                note=note,
                edit_seconds=self._config.edit_seconds,
                status=self._engine.status,
                remember=partial(self._remember_growing, noted, answer),
                keep=partial(self._keep, telling),
            )
        finally:
            del self._edits[passage_id]
        if shows_end:  # else the next start sees to it
            await _if_possible(self._store.unfinished.close_answer(passage_id))

    async def remember(self, passage_id: int, message: discord.Message) -> None:
        """Store where a passage is shown; a message that one person alone sees is no place where others may read it."""
        if not message.flags.ephemeral:
            await self._store.set_message(passage_id, message.channel.id, message.id)

    async def _remember_growing(self, noted: OpenAnswer, answer: Answer, message: discord.Message) -> None:
        if answer.is_new:
            await _if_possible(self._store.unfinished.open_answer(replace(noted, message_id=message.id)))
        await _if_possible(self.remember(noted.passage_id, message))

    async def _keep(self, telling: Telling, text: str) -> None:
        """Store what is about to be shown, if it is more than a place in the queue, as it would be at the end."""
        if not text:
            return
        kept = text if telling.context else text.lstrip()
        await _if_possible(self._store.unfinished.keep_text(telling.passage.id, kept))

    def renew(self, passage_id: int, edit: Edit) -> bool:
        """Let the message of a passage that grows be edited this way from now on; False where none grows."""
        if passage_id in self._edits:
            self._edits[passage_id].newest = edit
        return passage_id in self._edits

    async def _end_of_telling(
        self, telling: Telling, note: str | None, before: int | None, error: Exception | None
    ) -> Screen:
        if isinstance(error, DatabaseUnusable) and telling.generation.text:
            # Nothing but the message has all of it, so it stays there.
            return unstored_screen(telling, sentence_for(error) or NOT_MY_DAY)
        return await self.end_of(telling.passage.id, error, note=note, before=before)

    async def end_of(
        self, passage_id: int, error: Exception | None = None, *, note: str | None = None, before: int | None = None
    ) -> Screen:
        """Give what a message shows when a telling is over, and ``error``, if there was one, has ended it."""
        sentence = None if error is None else sentence_for(error) or NOT_MY_DAY
        try:
            shown = await self._editor.shown(passage_id)
            if before is not None and not shown.passage.text:
                shown = await self._editor.shown(before)
                sentence = f"{sentence or note or STOPPED_EARLY} {OLD_VERSION}"
        except BotError as gone:  # deleted meanwhile: there is nothing left to continue
            return sentence_screen(sentence or sentence_for(gone) or NOT_MY_DAY)
        return passage_screen(shown, self._engine.genres, note=sentence or note)


async def _if_possible(noting: Awaitable[None]) -> None:
    """Let a note be taken for a later start; a store that fails now is no reason to show nothing."""
    try:
        await noting
    except DatabaseUnusable as error:
        log.warning("a message that grows could not be noted: %s", error.problem)


def original_answer(interaction: discord.Interaction[Any]) -> Answer:
    """Give the answer to an interaction: "is thinking…", or the message whose button was pressed."""
    return Answer(edit=interaction.edit_original_response, token=interaction.token)


def teller_of(interaction: discord.Interaction[Any]) -> Teller:
    """Say who asks, and where."""
    may = interaction.permissions
    return Teller(
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        parent_id=getattr(interaction.channel, "parent_id", None),
        role_ids=frozenset(role.id for role in getattr(interaction.user, "roles", ())),
        manages=interaction.guild_id is not None and (may.manage_guild or may.administrator),
        hosted=interaction.is_guild_integration(),
    )


def is_private(interaction: discord.Interaction[Any], story: StoredStory) -> bool:
    """Say whether only this person may see what follows: what began in private goes on in private."""
    message = interaction.message
    return story.private or (message is not None and message.flags.ephemeral)


def new_message(interaction: discord.Interaction[Any], *, private: bool) -> Answer:
    """Give an answer that first posts a message of its own and then changes that one."""
    posted: list[discord.WebhookMessage] = []

    async def edit(
        *, content: str | None, embeds: list[discord.Embed], view: discord.ui.View | None
    ) -> discord.Message:
        if posted:
            return await posted[0].edit(content=content, embeds=embeds, view=view)
        message = await interaction.followup.send(
            content or MISSING, embeds=embeds, view=view or MISSING, ephemeral=private, wait=True
        )
        posted.append(message)
        return message

    return Answer(edit=edit, token=interaction.token, is_new=True)

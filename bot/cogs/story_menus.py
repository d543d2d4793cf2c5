"""The entries in the menu of any message: "Continue as story" and "Report story"."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.controls import open_form, passage_shown_on
from bot.controls.story_forms import begin_form, report_form
from bot.errors import NothingToContinue, NotMyStory
from bot.look.showing import teller_of
from bot.store import StoryStore
from bot.storytelling.access import readable_passage
from bot.storytelling.storyteller import PROMPT_LENGTH, Storyteller
from bot.text import ELLIPSIS, tail
from storygen.prompt import clean_text

Interaction = discord.Interaction[Any]


class StoryMenus:
    """Both open a form at once; what is in a message comes with the press, so no message has to be read."""

    def __init__(self, storyteller: Storyteller, store: StoryStore) -> None:
        self._storyteller = storyteller
        self._store = store

    @property
    def commands(self) -> tuple[app_commands.ContextMenu, ...]:
        """The entries, for the command tree."""
        return (_entry("Continue as story", self._continue), _entry("Report story", self._report))

    async def _continue(self, interaction: Interaction, message: discord.Message) -> None:
        genres = self._storyteller.genres
        words = clean_text(await self._words_of(interaction, message), genres)
        if not words:
            raise NothingToContinue
        await open_form(interaction, begin_form(tail(words, PROMPT_LENGTH).removeprefix(ELLIPSIS), genres))

    async def _report(self, interaction: Interaction, message: discord.Message) -> None:
        passage_id = await self._passage_of(interaction, message)
        if passage_id is None:
            raise NotMyStory
        await open_form(interaction, report_form(passage_id))

    async def _words_of(self, interaction: Interaction, message: discord.Message) -> str:
        """Give what a message says: of a story of ours the stored passage, else its text or that of its embeds."""
        passage_id = await self._passage_of(interaction, message)
        if passage_id is not None:
            _, passage = await readable_passage(self._store, teller_of(interaction), passage_id)
            return passage.text
        return message.content or "\n".join(embed.description or "" for embed in message.embeds)

    async def _passage_of(self, interaction: Interaction, message: discord.Message) -> int | None:
        """Give the passage that a message of ours shows: by its buttons, for it may have shown several."""
        me = interaction.client.user
        if me is None or message.author.id != me.id:
            return None
        passage_id = passage_shown_on(message)
        if passage_id is not None:
            return passage_id
        passage = await self._store.readers.passage_of_message(message.id)
        return None if passage is None else passage.id


def _entry(name: str, callback: Any) -> app_commands.ContextMenu:  # noqa: ANN401 - discord.py's own type has no public name
    entry = app_commands.ContextMenu(name=name, callback=callback)
    entry = app_commands.allowed_installs(guilds=True, users=True)(entry)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(entry)

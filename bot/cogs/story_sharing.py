"""The buttons with which a story goes to others, or goes for good: ♥, Share, Copy settings, Delete."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

import discord

from bot.controls import Press, delete_question_view, with_hearts
from bot.controls.answers import PressAnswer
from bot.errors import StoryEmpty
from bot.look.screens import put, shared_screen
from bot.look.showing import Showing, new_message, teller_of
from bot.store import StoryStore
from bot.storytelling.access import readable_passage
from bot.storytelling.recipe import needs_more, recipe
from bot.storytelling.story_editor import ShownPassage, StoryEditor
from bot.storytelling.storyteller import Storyteller
from bot.text import escaped

Interaction = discord.Interaction[Any]

WRITES_IT_AGAIN = "Paste this to have it written again, or change a part of it first."
BEGINS_ANEW = "Paste this to begin a story with the same options; the text above this passage does not go with it."


class StorySharing:
    """Answers buttons. Whose story it is, and who may read it, stands in the database."""

    def __init__(self, storyteller: Storyteller, editor: StoryEditor, store: StoryStore, showing: Showing) -> None:
        self._storyteller = storyteller
        self._editor = editor
        self._store = store
        self._showing = showing
        self._counting: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self.answers: Mapping[Press, PressAnswer] = {
            Press.HEART: self._heart,
            Press.SHARE: self._share,
            Press.COPY: self._copy,
            Press.ASK_DELETE: self._ask,
            Press.DELETE_HERE: self._delete,
            Press.KEEP_HERE: self._keep,
        }

    async def _heart(self, interaction: Interaction, story_id: int, _page: int) -> None:
        await interaction.response.defer()
        await self._editor.heart(teller_of(interaction), story_id)
        # One after the other, so that of many presses at once the last edit has the last count.
        async with self._counting.setdefault(story_id, asyncio.Lock()):
            count = await self._store.readers.hearts(story_id)
            if interaction.message is not None:
                await interaction.edit_original_response(view=with_hearts(interaction.message, story_id, count))

    async def _share(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        shown = await self._own(interaction, passage_id)
        if not shown.passage.text:
            raise StoryEmpty(shown.story.id)
        teller = teller_of(interaction)
        await self._editor.share(teller, shown.story.id)
        shown = await self._editor.shown(passage_id)  # it is no longer private now
        share_id = await self._store.readers.add_share(
            shown.story.id, teller.user_id, teller.guild_id, teller.channel_id
        )
        words = f"{escaped(interaction.user.display_name)} shares a story."
        screen = shared_screen(shown, self._storyteller.genres, by=words)
        message = await put(new_message(interaction, private=False).edit, screen)
        await self._store.readers.set_share_message(share_id, message.id)
        await self._showing.stand(interaction.edit_original_response, shown)

    async def _copy(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await readable_passage(self._store, teller_of(interaction), passage_id)
        shown = await self._editor.shown(passage_id)
        words = BEGINS_ANEW if needs_more(shown) else WRITES_IT_AGAIN
        await interaction.edit_original_response(content=f"{words}\n```\n{recipe(shown)}\n```")

    async def _ask(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        shown = await self._own(interaction, passage_id)
        question = f"Delete **{escaped(shown.story.title or 'this story')}** with all its passages? It can't be undone."
        await interaction.edit_original_response(content=question, view=delete_question_view(passage_id))

    async def _delete(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        shown = await self._own(interaction, passage_id)
        story = await self._storyteller.delete(interaction.user.id, shown.story.id)
        words = f"**{escaped(story.title or 'The story')}** is deleted."
        await interaction.edit_original_response(content=words, embeds=[], view=None)

    async def _keep(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        await self._showing.stand(interaction.edit_original_response, await self._own(interaction, passage_id))

    async def _own(self, interaction: Interaction, passage_id: int) -> ShownPassage:
        shown = await self._editor.shown(passage_id)
        await self._storyteller.story_of(interaction.user.id, shown.story.id)
        return shown

"""Reading stories, one's own and those of others, page by page, and taking them along as files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.cogs.chosen_story import titled
from bot.cogs.exporter import Exporter
from bot.controls import Press, format_view
from bot.controls.answers import PressAnswer
from bot.controls.library_views import others_page_view, own_page_view
from bot.errors import UnknownButton
from bot.exports import FORMATS
from bot.look.cards import genre_label, reading_cards
from bot.look.showing import teller_of
from bot.store import Passage, StoredStory, StoryStore
from bot.storytelling.access import may_change, readable_path, readable_story
from bot.storytelling.moderator import Moderator
from bot.text import escaped
from storygen.engine import Engine

Interaction = discord.Interaction[Any]


class ReadingRoom:
    """Answers buttons that carry a story's id. Who may read it is looked up at every press."""

    def __init__(self, store: StoryStore, engine: Engine, exporter: Exporter, moderator: Moderator) -> None:
        self._store = store
        self._engine = engine
        self._exporter = exporter
        self._moderator = moderator
        self.answers: Mapping[Press, PressAnswer] = {
            Press.READ: self._open,
            Press.PAGE: self._turn_page,
            Press.EXPORT: self._offer_formats,
            Press.EXPORT_AS: self._export_as,
        }

    async def show_page(self, interaction: Interaction, story: StoredStory, page: int = 0) -> None:
        """Let the answer show a page of a story that the person may read.

        Raises StoryRefused for a reader in a server that does not want its words.
        """
        passages = await self._path_for(interaction, story)
        cards = reading_cards(story, passages)
        page = min(page, len(cards) - 1)
        label = genre_label(story.genre, self._engine.genres)
        cards[page].set_footer(text=f"{label} · page {page + 1} of {len(cards)}")
        if may_change(interaction.user.id, story):
            view = own_page_view(story.id, page, len(cards))
        else:
            hearts = await self._store.readers.hearts(story.id)
            view = others_page_view(story.id, passages[-1].id if passages else 0, hearts, page, len(cards))
        await interaction.edit_original_response(content=None, embed=cards[page], view=view)

    async def _open(self, interaction: Interaction, story_id: int, _page: int) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self.show_page(interaction, await self._readable(interaction, story_id))

    async def _turn_page(self, interaction: Interaction, story_id: int, page: int) -> None:
        await interaction.response.defer()
        await self.show_page(interaction, await self._readable(interaction, story_id), page)

    async def _offer_formats(self, interaction: Interaction, story_id: int, _page: int) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        story = await self._readable(interaction, story_id)
        labels = [kind.label for kind in FORMATS]
        question = f"**{escaped(titled(story))}** as what kind of file?"
        await interaction.edit_original_response(content=question, view=format_view(story_id, labels))

    async def _export_as(self, interaction: Interaction, story_id: int, place: int) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        if place >= len(FORMATS):
            raise UnknownButton
        story = await self._readable(interaction, story_id)
        if may_change(interaction.user.id, story):
            await self._exporter.send(interaction, story, FORMATS[place], author=interaction.user.display_name)
        else:
            path = await self._path_for(interaction, story)
            await self._exporter.send_to_reader(interaction, story, path, FORMATS[place])

    async def _path_for(self, interaction: Interaction, story: StoredStory) -> list[Passage]:
        path = await readable_path(self._store, teller_of(interaction), story)
        if not may_change(interaction.user.id, story):
            await self._moderator.admit_story(interaction.guild_id, story, path)
        return path

    async def _readable(self, interaction: Interaction, story_id: int) -> StoredStory:
        return await readable_story(self._store, teller_of(interaction), story_id)

"""``/stories list|read|export|delete``: what a person has written so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.buttons import Press, delete_view, format_view, page_view
from bot.cards import genre_label, reading_cards
from bot.cogs.exporter import Exporter
from bot.config import Config
from bot.errors import StoryNotFound, UnknownButton
from bot.exports import FORMATS, Licences, format_named
from bot.store import StoredStory, StoryStore
from bot.storyteller import Storyteller
from bot.text import clipped, escaped
from storygen.engine import Engine

CHOICE_LIMIT = 25
"""Discord shows at most so many suggestions."""
CHOICE_NAME_LIMIT = 100
LISTED_TITLE_LIMIT = 80
AUTHOR_LENGTH = 80
"""Greatest length in characters of a name that a person wants on an exported story."""
LIST_LIMIT = 4096
"""Discord takes so many characters in the description of an embed."""


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class LibraryCog(commands.GroupCog, group_name="stories", group_description="Your stories"):
    """A person's own stories; answers are seen only by them."""

    def __init__(self, storyteller: Storyteller, store: StoryStore, engine: Engine, config: Config) -> None:
        self._storyteller = storyteller
        self._store = store
        self._engine = engine
        self._exporter = Exporter(store, engine, Licences(config.story_model))
        self.answers: Mapping[Press, Callable[[discord.Interaction, int, int], Any]] = {
            Press.PAGE: self._turn_page,
            Press.EXPORT: self._offer_formats,
            Press.EXPORT_AS: self._export_as,
            Press.DELETE: self._delete,
            Press.KEEP: self._keep,
        }

    @app_commands.command(name="list", description="Your newest stories")
    async def list_stories(self, interaction: discord.Interaction) -> None:
        """Show the newest stories with their genre and age."""
        await interaction.response.defer(ephemeral=True)
        stories = await self._store.stories_of(interaction.user.id, limit=CHOICE_LIMIT)
        count = await self._store.count_stories(interaction.user.id)
        if not stories:
            await interaction.edit_original_response(content="You have no stories yet. Begin one with `/story`.")
            return
        lines = self._fitting_lines(stories)
        embed = discord.Embed(title="Your stories", description="\n".join(lines))
        embed.set_footer(text=f"{len(lines)} of {count} · /stories read opens one")
        await interaction.edit_original_response(embed=embed)

    @app_commands.command(name="read", description="Read one of your stories from its beginning")
    @app_commands.describe(story="Type a part of its title or of its first words")
    async def read(self, interaction: discord.Interaction, story: str) -> None:
        """Show a whole story, page by page."""
        await interaction.response.defer(ephemeral=True)
        found = await self._chosen(interaction.user.id, story)
        await self._show_page(interaction, found, 0)

    @app_commands.command(name="export", description="Get one of your stories as a file")
    @app_commands.describe(
        story="Type a part of its title or of its first words",
        file_format="What kind of file",
        author="The name on it; yours if you leave it out",
        anonymous="No name on it",
    )
    @app_commands.rename(file_format="format")
    @app_commands.choices(
        file_format=[
            app_commands.Choice(name=f"{kind.label} (.{kind.extension}): {kind.purpose}", value=kind.extension)
            for kind in FORMATS
        ]
    )
    async def export(
        self,
        interaction: discord.Interaction,
        *,
        story: str,
        file_format: str,
        author: app_commands.Range[str, 1, AUTHOR_LENGTH] | None = None,
        anonymous: bool = False,
    ) -> None:
        """Give a whole story as a file."""
        await interaction.response.defer(ephemeral=True)
        kind = format_named(file_format)
        found = await self._chosen(interaction.user.id, story)
        signature = "" if anonymous else author or interaction.user.display_name
        await self._exporter.send(interaction, found, kind, author=signature)

    @app_commands.command(name="delete", description="Delete one of your stories for good")
    @app_commands.describe(story="Type a part of its title or of its first words")
    async def delete(self, interaction: discord.Interaction, story: str) -> None:
        """Ask once before a story goes."""
        await interaction.response.defer(ephemeral=True)
        found = await self._chosen(interaction.user.id, story)
        question = f"Delete **{escaped(_title(found))}**? It can't be brought back."
        await interaction.edit_original_response(content=question, view=delete_view(found.id))

    @read.autocomplete("story")
    @export.autocomplete("story")
    @delete.autocomplete("story")
    async def _suggest(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        stories = await self._store.stories_of(interaction.user.id, matching=typed, limit=CHOICE_LIMIT)
        return [
            app_commands.Choice(
                name=clipped(f"{_title(story)} ({self._label(story)})", CHOICE_NAME_LIMIT), value=str(story.id)
            )
            for story in stories
        ]

    async def _chosen(self, user_id: int, typed: str) -> StoredStory:
        """Find a story by the id that a suggestion carries, or by words typed without choosing one."""
        if typed.isascii() and typed.isdigit() and len(typed) < len(str(2**63)):
            return await self._storyteller.story_of(user_id, int(typed))
        matching = await self._store.stories_of(user_id, matching=typed, limit=1)
        if not matching:
            raise StoryNotFound(0)
        return matching[0]

    async def _turn_page(self, interaction: discord.Interaction, story_id: int, page: int) -> None:
        await interaction.response.defer()
        await self._show_page(interaction, await self._storyteller.story_of(interaction.user.id, story_id), page)

    async def _show_page(self, interaction: discord.Interaction, story: StoredStory, page: int) -> None:
        passages = [] if story.head_id is None else await self._store.path_to(story.head_id)
        cards = reading_cards(story, passages)
        page = min(page, len(cards) - 1)
        cards[page].set_footer(text=f"{self._label(story)} · page {page + 1} of {len(cards)}")
        await interaction.edit_original_response(embed=cards[page], view=page_view(story.id, page, len(cards)))

    async def _offer_formats(self, interaction: discord.Interaction, story_id: int, _page: int) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        story = await self._storyteller.story_of(interaction.user.id, story_id)
        labels = [kind.label for kind in FORMATS]
        question = f"**{escaped(_title(story))}** as what kind of file?"
        await interaction.edit_original_response(content=question, view=format_view(story_id, labels))

    async def _export_as(self, interaction: discord.Interaction, story_id: int, place: int) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        if place >= len(FORMATS):
            raise UnknownButton
        story = await self._storyteller.story_of(interaction.user.id, story_id)
        await self._exporter.send(interaction, story, FORMATS[place], author=interaction.user.display_name)

    async def _delete(self, interaction: discord.Interaction, story_id: int, _page: int) -> None:
        await interaction.response.defer()
        story = await self._storyteller.delete(interaction.user.id, story_id)
        await interaction.edit_original_response(content=f"**{escaped(_title(story))}** is deleted.", view=None)

    async def _keep(self, interaction: discord.Interaction, _story_id: int, _page: int) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="Nothing was deleted.", view=None)

    def _fitting_lines(self, stories: list[StoredStory]) -> list[str]:
        """Give a line a story, as many as one embed takes: escaping can double a title's length."""
        lines: list[str] = []
        for line in map(self._line, stories):
            if sum(map(len, lines)) + len(lines) + len(line) > LIST_LIMIT:
                break
            lines.append(line)
        return lines

    def _line(self, story: StoredStory) -> str:
        title = escaped(clipped(_title(story), LISTED_TITLE_LIMIT))
        return f"**{title}** · {self._label(story)} · <t:{story.updated_at}:R>"

    def _label(self, story: StoredStory) -> str:
        return genre_label(story.genre, self._engine.genres)


def _title(story: StoredStory) -> str:
    return story.title or "Untitled"

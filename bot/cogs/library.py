"""``/stories list|open|read|export|rename|delete|random|top|digest``: what people have written so far."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.chosen_story import STORY_HINT, StoryChoice, deferred_as_private_as, titled
from bot.cogs.continuing import Continuing
from bot.cogs.discretion import is_refused
from bot.cogs.exporter import Exporter, NamesOf
from bot.cogs.reading import ReadingRoom
from bot.config import Config
from bot.controls import Press, delete_view
from bot.controls.answers import PressAnswer
from bot.controls.library_views import list_view, top_view
from bot.exports import FORMATS, Licences, format_named
from bot.look.library_cards import PAGE_LENGTH, digest_card, list_card, list_options, top_card
from bot.look.showing import Showing, teller_of
from bot.store import StoryStore
from bot.storytelling.story_editor import StoryEditor
from bot.storytelling.storyteller import TITLE_LENGTH, Storyteller
from bot.text import escaped
from storygen.engine import Engine

Interaction = discord.Interaction[Any]

AUTHOR_LENGTH = 80
"""Greatest length in characters of a name that a person wants on an exported story."""
TOP_LENGTH = 10
DIGEST_LENGTH = 5
"""Stories in each of the two lists of ``/stories digest``."""
DIGEST_SPANS = ("week", "month")
DAY = 24 * 60 * 60
SPANS: Mapping[str, tuple[int | None, str]] = {
    "week": (7 * DAY, "this week"),
    "month": (30 * DAY, "this month"),
    "ever": (None, "ever"),
}
"""Seconds that ``/stories top`` looks back, and how a person says so."""
NONE_YET = "You have no stories yet. Begin one with `/story`."
NO_SERVER = "There is no server here. Use this in one, among the people whose stories you would like to read."
NONE_TO_FIND = "Nobody here has told a story yet that others may read. `/story` begins one."
NONE_LOVED = "No story was given a ♥ here {when}. There is one below every story that isn't private."

NOTHING_NEW = "Nobody has told a story here {when} that others may read. `/story` begins one."


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class LibraryCog(commands.GroupCog, group_name="stories", group_description="Your stories"):
    """People's own stories, seen only by them unless opened, and those that a server's people may find."""

    def __init__(
        self,
        storyteller: Storyteller,
        editor: StoryEditor,
        store: StoryStore,
        showing: Showing,
        *,
        engine: Engine,
        config: Config,
        names_of: NamesOf,
    ) -> None:
        self._storyteller = storyteller
        self._store = store
        self._engine = engine
        self._editor = editor
        self._exporter = Exporter(store, engine, Licences(config.story_model), names_of)
        self._reading = ReadingRoom(store, engine, self._exporter, storyteller.moderator)
        self._choice = StoryChoice(storyteller, store)
        self._continuing = Continuing(storyteller, editor, store, showing)
        self.answers: Mapping[Press, PressAnswer] = {
            **self._reading.answers,
            **self._continuing.answers,
            Press.LIST: self._turn_list,
            Press.DELETE: self._delete,
            Press.KEEP: self._keep,
        }

    @app_commands.command(name="list", description="Your stories, the newest first")
    async def list_stories(self, interaction: Interaction) -> None:
        """Show the newest stories with their genre and age."""
        await interaction.response.defer(ephemeral=True)
        await self._show_list(interaction, 0)

    @app_commands.command(name="open", description="Open one of your stories here, to go on with it")
    @app_commands.describe(story=STORY_HINT)
    async def open_story(self, interaction: Interaction, story: str) -> None:
        """Show where a story ends, with its buttons."""
        finding = self._choice.chosen(interaction.user.id, story)
        found = await deferred_as_private_as(interaction, finding, self._storyteller.gate.admit(teller_of(interaction)))
        await self._continuing.show(interaction, found)

    @app_commands.command(name="read", description="Read one of your stories from its beginning")
    @app_commands.describe(story=STORY_HINT)
    async def read(self, interaction: Interaction, story: str) -> None:
        """Show a whole story, page by page."""
        await interaction.response.defer(ephemeral=True)
        await self._reading.show_page(interaction, await self._choice.chosen(interaction.user.id, story))

    @app_commands.command(name="export", description="Get one of your stories as a file")
    @app_commands.describe(
        story=STORY_HINT,
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
        interaction: Interaction,
        *,
        story: str,
        file_format: str,
        author: app_commands.Range[str, 1, AUTHOR_LENGTH] | None = None,
        anonymous: bool = False,
    ) -> None:
        """Give a whole story as a file."""
        await interaction.response.defer(ephemeral=True)
        kind = format_named(file_format)
        found = await self._choice.chosen(interaction.user.id, story)
        await self._storyteller.moderator.admit(interaction.guild_id, author or "")
        signature = "" if anonymous else author or interaction.user.display_name
        await self._exporter.send(interaction, found, kind, author=signature)

    @app_commands.command(name="rename", description="Give one of your stories another title")
    @app_commands.describe(story=STORY_HINT, title="What it is to be called")
    async def rename(
        self, interaction: Interaction, story: str, title: app_commands.Range[str, 1, TITLE_LENGTH]
    ) -> None:
        """Change a story's title."""
        await interaction.response.defer(ephemeral=True)
        found = await self._choice.chosen(interaction.user.id, story)
        renamed = await self._editor.rename(interaction.user.id, found.id, title, here=interaction.guild_id)
        words = f"**{escaped(titled(found))}** is called **{escaped(titled(renamed))}** now."
        await interaction.edit_original_response(content=words)

    @app_commands.command(name="delete", description="Delete one of your stories for good")
    @app_commands.describe(story=STORY_HINT)
    async def delete(self, interaction: Interaction, story: str) -> None:
        """Ask once before a story goes."""
        await interaction.response.defer(ephemeral=True)
        found = await self._choice.chosen(interaction.user.id, story)
        question = f"Delete **{escaped(titled(found))}**? It can't be brought back."
        await interaction.edit_original_response(content=question, view=delete_view(found.id))

    @app_commands.command(name="random", description="Read a story that chance picks")
    @app_commands.describe(source="From your own stories, or from those of this server")
    @app_commands.rename(source="from")
    @app_commands.choices(
        source=[
            app_commands.Choice(name="My stories", value="mine"),
            app_commands.Choice(name="This server's stories", value="server"),
        ]
    )
    async def random(self, interaction: Interaction, source: str = "mine") -> None:
        """Open any story of the person's own, or any that the server's people may find."""
        await interaction.response.defer(ephemeral=True)
        if source == "server" and interaction.guild_id is None:
            await interaction.edit_original_response(content=NO_SERVER)
            return
        if source == "server":
            found = await self._store.readers.random_story(interaction.guild_id or 0)
        else:
            found = await self._store.readers.random_own(interaction.user.id)
        if found is None:
            await interaction.edit_original_response(content=NONE_TO_FIND if source == "server" else NONE_YET)
            return
        await self._reading.show_page(interaction, found)

    @app_commands.command(name="top", description="This server's most loved stories")
    @app_commands.describe(span="♥ given since when")
    @app_commands.rename(span="time")
    @app_commands.choices(
        span=[
            app_commands.Choice(name="This week", value="week"),
            app_commands.Choice(name="This month", value="month"),
            app_commands.Choice(name="Ever", value="ever"),
        ]
    )
    async def top(self, interaction: Interaction, span: str = "week") -> None:
        """Show the stories of the server with the most ♥, for all to see."""
        await self._defer_for_all(interaction)
        if interaction.guild_id is None:
            await interaction.edit_original_response(content=NO_SERVER)
            return
        seconds, when = SPANS.get(span, SPANS["ever"])
        since = 0 if seconds is None else int(time.time()) - seconds
        loved = await self._store.readers.top(interaction.guild_id, since, TOP_LENGTH)
        if not loved:
            await interaction.edit_original_response(content=NONE_LOVED.format(when=when))
            return
        card = top_card(loved, when, self._engine.genres)
        await interaction.edit_original_response(embed=card, view=top_view(one.story.id for one in loved))

    @app_commands.command(name="digest", description="The most loved and the newest stories of this server")
    @app_commands.describe(span="How far it looks back")
    @app_commands.rename(span="time")
    @app_commands.choices(
        span=[
            app_commands.Choice(name="This week", value="week"),
            app_commands.Choice(name="This month", value="month"),
        ]
    )
    async def digest(self, interaction: Interaction, span: str = "week") -> None:
        """Show what was loved and what is new in the server, for all to see."""
        await self._defer_for_all(interaction)
        if interaction.guild_id is None:
            await interaction.edit_original_response(content=NO_SERVER)
            return
        seconds, when = SPANS[span if span in DIGEST_SPANS else "week"]
        since = int(time.time()) - (seconds or 0)
        loved = await self._store.readers.top(interaction.guild_id, since, DIGEST_LENGTH)
        listed = {one.story.id for one in loved}  # a story is named once, also where it is both loved and new
        newest = await self._store.readers.newest(interaction.guild_id, since, 2 * DIGEST_LENGTH)
        others = [story for story in newest if story.id not in listed][:DIGEST_LENGTH]
        if not loved and not others:
            await interaction.edit_original_response(content=NOTHING_NEW.format(when=when))
            return
        card = digest_card(loved, others, when, self._engine.genres)
        ids = [*(one.story.id for one in loved), *(story.id for story in others)]
        await interaction.edit_original_response(embed=card, view=top_view(ids))

    async def _defer_for_all(self, interaction: Interaction) -> None:
        """Defer an answer that all may see; where the server wants no stories of this person, only they see it."""
        alone = interaction.guild_id is None or await is_refused(self._storyteller.gate.admit(teller_of(interaction)))
        await interaction.response.defer(ephemeral=alone)

    @open_story.autocomplete("story")
    @read.autocomplete("story")
    @export.autocomplete("story")
    @rename.autocomplete("story")
    @delete.autocomplete("story")
    async def _suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await self._choice.suggestions(interaction.user.id, typed)

    async def _show_list(self, interaction: Interaction, page: int) -> None:
        user_id, genres = interaction.user.id, self._engine.genres
        count = await self._store.count_stories(user_id)
        if not count:
            await interaction.edit_original_response(content=NONE_YET, embed=None, view=None)
            return
        page_count = -(-count // PAGE_LENGTH)
        page = min(page, page_count - 1)
        stories = await self._store.stories_of(user_id, limit=PAGE_LENGTH, skipped=page * PAGE_LENGTH)
        card = list_card(stories, page, page_count, count, genres)
        view = list_view(list_options(stories, genres), page, page_count)
        await interaction.edit_original_response(embed=card, view=view)

    async def _turn_list(self, interaction: Interaction, _number: int, page: int) -> None:
        await interaction.response.defer()
        await self._show_list(interaction, page)

    async def _delete(self, interaction: Interaction, story_id: int, _page: int) -> None:
        await interaction.response.defer()
        story = await self._storyteller.delete(interaction.user.id, story_id)
        await interaction.edit_original_response(content=f"**{escaped(titled(story))}** is deleted.", view=None)

    async def _keep(self, interaction: Interaction, _story_id: int, _page: int) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="Nothing was deleted.", view=None)

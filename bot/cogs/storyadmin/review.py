"""``/storyadmin reports`` and ``/storyadmin purge``: what those who run a server decide about stories there.

The rule for both: a server decides what is seen in it, an author decides what is kept. A story that is taken out goes
from the server's lists and archive, and its messages from the server's channels; nobody brings it back there. To its
author it stays, and in other servers nothing changes.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.storyadmin.permission import may_administer
from bot.cogs.storyadmin.review_buttons import COG, Deed, purge_view, report_view
from bot.errors import PassageNotFound, StoryNotFound, UnknownButton
from bot.look.cards import finished_cards
from bot.look.report_card import report_card
from bot.store import StoryStore
from bot.storytelling.story_editor import StoryEditor
from storygen.engine import Engine

Interaction = discord.Interaction[Any]

NONE_OPEN = "Nothing is reported in this server, or all of it is decided."
DECIDED_BEFORE = "This was decided already, perhaps by somebody else."
DISMISSED = "Dismissed; the story stays."
TAKEN_DOWN = "Taken down: the story is out of this server. Its owner is told, and keeps their own copy."
NOTHING_TO_PURGE = "There is nothing of {whose} in this server's lists or archive."
PURGE_QUESTION = (
    "Take {count} of {whose} out of this server? They go from `/stories top`, `random` and `digest`, from the archive, "
    "and the messages that show them here are deleted. Their authors keep their own copies, are told, and can't bring "
    "these stories back here; new ones they can tell. Stories that only their authors see are not touched. "
    "There is no way back."
)
PURGED = "{count} of {whose} went out of this server. What still stands here goes in the next minutes."
LEFT = "Nothing was taken out."


class ServerReview(commands.Cog, name=COG):
    """Everything here is seen by the person alone, and asked for anew at each press."""

    def __init__(self, store: StoryStore, editor: StoryEditor, engine: Engine) -> None:
        self._store = store
        self._editor = editor
        self._engine = engine

    @property
    def group_commands(self) -> tuple[app_commands.Command[Any, ..., Any], ...]:
        """The commands, for the group."""

        @app_commands.command(name="reports", description="What is reported in this server, to look at and decide")
        async def reports(interaction: discord.Interaction) -> None:
            await interaction.response.defer(ephemeral=True)
            await self._show_next(interaction, await may_administer(interaction))

        @app_commands.command(name="purge", description="Take a person's stories, or all, out of this server")
        @app_commands.describe(person="Whose stories; leave it out for everybody's")
        async def purge(interaction: discord.Interaction, person: discord.User | None = None) -> None:
            await interaction.response.defer(ephemeral=True)
            await self._ask(interaction, await may_administer(interaction), 0 if person is None else person.id)

        return (reports, purge)

    async def decided(self, interaction: Interaction, deed: Deed, number: int) -> None:
        """Do what was decided (see ``bot.cogs.storyadmin.review_buttons.Decides``).

        Raises ReportNotFound for a report of another server, and what ``may_administer`` raises.
        """
        if deed is Deed.LOOK:
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await interaction.response.defer()
        guild_id = await may_administer(interaction)
        match deed:
            case Deed.LOOK:
                await self._look(interaction, guild_id, number)
            case Deed.NEXT:
                await self._show_next(interaction, guild_id, number)
            case Deed.DISMISS:
                done = await self._store.review.dismiss(guild_id, number, interaction.user.id)
                await self._show_next(interaction, guild_id, number, said=DISMISSED if done else DECIDED_BEFORE)
            case Deed.TAKE_DOWN:
                channels = _channels(interaction)
                done = await self._store.review.uphold(guild_id, number, interaction.user.id, channels)
                await self._show_next(interaction, guild_id, number, said=TAKEN_DOWN if done else DECIDED_BEFORE)
            case Deed.PURGE:
                await self._purge(interaction, guild_id, number)
            case Deed.KEEP:
                await interaction.edit_original_response(content=LEFT, view=None)
            case _:
                raise UnknownButton

    async def _show_next(self, interaction: Interaction, guild_id: int, after: int = 0, *, said: str = "") -> None:
        """Show the next report that is open, with what was just decided above it."""
        report = await self._store.review.next_open(guild_id, after)
        if report is None:
            words = f"{said} {NONE_OPEN}".strip()
            await interaction.edit_original_response(content=words, embed=None, view=None)
            return
        count = await self._store.review.count_open(guild_id)
        try:
            story, passage = await self._store.story(report.story_id), await self._store.passage(report.passage_id)
        except (StoryNotFound, PassageNotFound):  # deleted a moment ago, and the report with it
            await interaction.edit_original_response(content=NONE_OPEN, embed=None, view=None)
            return
        reasons = await self._store.review.reasons(report)
        card = report_card(report, story, passage, reasons, count=count, genres=self._engine.genres)
        view = report_view(report.id, several=count > 1)
        await interaction.edit_original_response(content=said or None, embed=card, view=view)

    async def _look(self, interaction: Interaction, guild_id: int, report_id: int) -> None:
        """Show the passage as it stands: those who decide about it may read it, wherever it was told."""
        report = await self._store.review.report(guild_id, report_id)
        shown = await self._editor.shown(report.passage_id)
        cards = finished_cards(shown.story, shown.lead, shown.passage, self._engine.genres)
        await interaction.edit_original_response(content="Only you see this.", embeds=cards)

    async def _ask(self, interaction: Interaction, guild_id: int, owner_id: int) -> None:
        count = await self._store.review.count_purgeable(guild_id, owner_id or None)
        if not count:
            words = NOTHING_TO_PURGE.format(whose=_whose(owner_id))
            await interaction.edit_original_response(content=words)
            return
        question = PURGE_QUESTION.format(count=_stories(count), whose=_whose(owner_id))
        await interaction.edit_original_response(content=question, view=purge_view(owner_id))

    async def _purge(self, interaction: Interaction, guild_id: int, owner_id: int) -> None:
        channels = _channels(interaction)
        count = await self._store.review.purge(guild_id, owner_id or None, interaction.user.id, channels)
        words = PURGED.format(count=_stories(count), whose=_whose(owner_id))
        await interaction.edit_original_response(content=words, view=None)


def _channels(interaction: Interaction) -> list[int]:
    """Give the ids of the server's channels and open threads."""
    guild = interaction.client.get_guild(interaction.guild_id or 0)
    return [] if guild is None else [place.id for place in (*guild.channels, *guild.threads)]


def _whose(owner_id: int) -> str:
    return f"<@{owner_id}>" if owner_id else "everybody"


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count:,} stories"

"""The controls of the library: below a story that is read, below lists of stories, and a choice among them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Self, cast

import discord

from bot.controls.button import StoryButton
from bot.controls.lasting import Lasting
from bot.controls.presses import Press, Presses
from bot.controls.views import heart_label

StorySelectItem = discord.ui.Select[discord.ui.View]


class StorySelect(Lasting, discord.ui.DynamicItem[StorySelectItem], template=re.compile(r"stories:read")):
    """A choice among stories; whoever chooses gets to read, if they may."""

    def __init__(self, options: Sequence[discord.SelectOption]) -> None:
        super().__init__(
            discord.ui.Select(custom_id="stories:read", placeholder="Read one of these", options=list(options))
        )

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - discord.py calls it so
        item: discord.ui.Item[Any],
        match: re.Match[str],  # noqa: ARG003
    ) -> Self:
        """Make the select again; what it offers stands on the message."""
        return cls(cast("StorySelectItem", item).options)

    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the choice to the bot, as if a button of that story had been pressed."""
        chosen = self.item.values[0] if self.item.values else ""
        number = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) <= 30 else 0  # noqa: PLR2004 -- as in the ids of buttons
        await cast("Presses", interaction.client).pressed(interaction, Press.READ, number, 0)


def list_view(options: Sequence[discord.SelectOption], page: int, page_count: int) -> discord.ui.View:
    """Give the controls of a list of stories: a choice among those on this page, and arrows where there are more."""
    view = discord.ui.View(timeout=None)
    view.add_item(StorySelect(options))
    if page_count > 1:
        view.add_item(StoryButton(Press.LIST, 0, page=max(page - 1, 0), label="◀", disabled=page == 0))
        view.add_item(StoryButton(Press.LIST, 0, page=page + 1, label="▶", disabled=page + 1 >= page_count))
    return view


def top_view(story_ids: Iterable[int]) -> discord.ui.View:
    """Give a button for each story of a list, numbered as the list is; at most 25."""
    view = discord.ui.View(timeout=None)
    for place, story_id in enumerate(story_ids, 1):
        view.add_item(StoryButton(Press.READ, story_id, label=str(place)))
    return view


def own_page_view(story_id: int, page: int, page_count: int) -> discord.ui.View:
    """Give what people do with a story of their own that they read."""
    return _reading_view(
        story_id, page, page_count, [StoryButton(Press.OPEN, story_id), StoryButton(Press.EXPORT, story_id)]
    )


def others_page_view(story_id: int, head_id: int, hearts: int, page: int, page_count: int) -> discord.ui.View:
    """Give what people do with somebody else's story that they may read."""
    buttons = [
        StoryButton(Press.HEART, story_id, label=heart_label(hearts)),
        StoryButton(Press.BRANCH, head_id),
        StoryButton(Press.EXPORT, story_id),
        StoryButton(Press.REPORT, head_id),
    ]
    return _reading_view(story_id, page, page_count, buttons)


def _reading_view(story_id: int, page: int, page_count: int, buttons: Iterable[StoryButton]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    if page_count > 1:
        last = page + 1 >= page_count
        arrows = (
            StoryButton(Press.PAGE, story_id, page=max(page - 1, 0), label="◀", disabled=page == 0, row=0),
            StoryButton(Press.PAGE, story_id, page=page + 1, label="▶", disabled=last, row=0),
        )
        for arrow in arrows:
            view.add_item(arrow)
    for button in buttons:
        button.item.row = 1 if page_count > 1 else 0
        view.add_item(button)
    return view

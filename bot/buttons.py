"""The buttons below stories. Each carries only an id, so it works after a restart; the database says whose it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Protocol, Self, cast

import discord

from bot.replies import answer_error

StoryButtonItem = discord.ui.Button[discord.ui.View]


class Press(StrEnum):
    """What a person can press below a passage or a story."""

    CONTINUE = "continue"
    RETRY = "retry"
    STOP = "stop"
    PAGE = "page"
    EXPORT = "export"
    """Asks in which format."""
    EXPORT_AS = "export_as"
    """Gives the file; its page is the format's place in ``bot.exports.FORMATS``."""
    DELETE = "delete"
    KEEP = "keep"
    UNKNOWN = "unknown"
    """Of a button that another version of this program has put there."""

    @classmethod
    def _missing_(cls, value: object) -> Press:  # noqa: ARG003 - the enum calls it so
        return cls.UNKNOWN


class Presses(Protocol):
    """Whoever answers a pressed button; the bot's client is one."""

    async def pressed(self, interaction: discord.Interaction[Any], press: Press, number: int, page: int) -> None:
        """Answer. ``number`` is the id of a passage, or of a story for PAGE, EXPORT, EXPORT_AS, DELETE and KEEP."""
        ...


_LOOKS: dict[Press, tuple[str, str | None, discord.ButtonStyle]] = {
    Press.CONTINUE: ("Continue", "▶️", discord.ButtonStyle.primary),
    Press.RETRY: ("Retry", "🔁", discord.ButtonStyle.secondary),
    Press.STOP: ("Stop", "⏹️", discord.ButtonStyle.danger),
    Press.EXPORT: ("Export", "💾", discord.ButtonStyle.secondary),
    Press.DELETE: ("Delete for good", "🗑️", discord.ButtonStyle.danger),
    Press.KEEP: ("Keep it", None, discord.ButtonStyle.secondary),
}

_WITH_PAGE = frozenset({Press.PAGE, Press.EXPORT_AS})


class StoryButton(
    discord.ui.DynamicItem[StoryButtonItem],
    template=re.compile(r"story:(?P<press>[a-z_]{1,20}):(?P<number>[0-9]{1,30})(?::(?P<page>[0-9]{1,30}))?"),
):
    """One button of ours. Its ``custom_id`` is ``story:<press>:<id>`` or ``story:<press>:<id>:<page>``."""

    def __init__(self, press: Press, number: int, *, page: int = 0, label: str = "", disabled: bool = False) -> None:
        text, emoji, style = _LOOKS.get(press, (label, None, discord.ButtonStyle.secondary))
        custom_id = f"story:{press}:{number}" + (f":{page}" if press in _WITH_PAGE else "")
        super().__init__(
            discord.ui.Button(label=text, emoji=emoji, style=style, custom_id=custom_id, disabled=disabled)
        )
        self.press = press
        self.number = number
        self.page = page

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - discord.py calls it so
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
    ) -> Self:
        """Make the button again from its id."""
        return cls(Press(match["press"]), int(match["number"]), page=int(match["page"] or 0))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press to the bot; discord.py would only log what goes wrong here."""
        try:
            await cast("Presses", interaction.client).pressed(interaction, self.press, self.number, self.page)
        except Exception as error:  # noqa: BLE001 - the last place where the person can be told
            await answer_error(interaction, error)


def stop_view(passage_id: int) -> discord.ui.View:
    """Give the controls of a passage that is being written."""
    return _view(StoryButton(Press.STOP, passage_id))


def story_view(passage_id: int) -> discord.ui.View:
    """Give the controls of a passage that is finished."""
    return _view(StoryButton(Press.CONTINUE, passage_id), StoryButton(Press.RETRY, passage_id))


def delete_view(story_id: int) -> discord.ui.View:
    """Give the question before a story goes for good."""
    return _view(StoryButton(Press.DELETE, story_id), StoryButton(Press.KEEP, story_id))


def page_view(story_id: int, page: int, page_count: int) -> discord.ui.View:
    """Give the controls of a story that is read: arrows where it has several pages, and Export."""
    arrows = (
        StoryButton(Press.PAGE, story_id, page=max(page - 1, 0), label="◀", disabled=page == 0),
        StoryButton(Press.PAGE, story_id, page=page + 1, label="▶", disabled=page + 1 >= page_count),
    )
    return _view(*(arrows if page_count > 1 else ()), StoryButton(Press.EXPORT, story_id))


def format_view(story_id: int, formats: Sequence[str]) -> discord.ui.View:
    """Give a button for each format that a story can be exported in, named by its label; at most 25."""
    return _view(
        *(StoryButton(Press.EXPORT_AS, story_id, page=place, label=label) for place, label in enumerate(formats))
    )


def _view(*buttons: StoryButton) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    return view

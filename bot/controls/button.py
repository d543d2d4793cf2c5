"""One button of ours. It carries only ids, so it works after a restart; the database says whose it is."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any, Self, cast

import discord

from bot.controls.lasting import Lasting
from bot.controls.presses import Press, Presses

StoryButtonItem = discord.ui.Button[discord.ui.View]

_PRIMARY, _PLAIN = discord.ButtonStyle.primary, discord.ButtonStyle.secondary
_DANGER = discord.ButtonStyle.danger

_LOOKS: MappingProxyType[Press, tuple[str, str | None, discord.ButtonStyle]] = MappingProxyType(
    {
        Press.CONTINUE: ("Continue", "▶️", _PRIMARY),
        Press.RETRY: ("Retry", "🔁", _PLAIN),
        Press.UNDO: ("Undo", "↩️", _PLAIN),
        Press.REDO: ("Redo", "↪️", _PLAIN),
        Press.WRITE: ("Write", "✍️", _PLAIN),
        Press.MORE: ("More", None, _PLAIN),
        Press.LESS: ("Less", None, _PLAIN),
        Press.STOP: ("Stop", "⏹️", _DANGER),
        Press.BRANCH: ("Branch", "🌿", _PLAIN),
        Press.EDIT: ("Edit", None, _PLAIN),
        Press.RENAME: ("Rename", None, _PLAIN),
        Press.GENRE: ("Genre", None, _PLAIN),
        Press.MEMORY: ("Memory", None, _PLAIN),
        Press.COPY: ("Copy settings", None, _PLAIN),
        Press.SHARE: ("Share", None, _PLAIN),
        Press.ARCHIVE: ("To the archive", "🗄️", _PLAIN),
        Press.REPORT: ("Report", None, _PLAIN),
        Press.READ: ("Read on", "📖", _PLAIN),
        Press.OPEN: ("Go on here", "▶️", _PRIMARY),
        Press.EXPORT: ("Export", "💾", _PLAIN),
        Press.ASK_DELETE: ("Delete", "🗑️", _PLAIN),
        Press.DELETE_HERE: ("Delete for good", "🗑️", _DANGER),
        Press.KEEP_HERE: ("Keep it", None, _PLAIN),
        Press.DELETE: ("Delete for good", "🗑️", _DANGER),
        Press.KEEP: ("Keep it", None, _PLAIN),
        Press.TURN_WRITE: ("Write", "✍️", _PRIMARY),
        Press.TURN_BOT: ("Let the bot go on", "🤖", _PLAIN),
        Press.TURN_PASS: ("Pass", None, _PLAIN),
        Press.TURN_SKIP: ("Skip", None, _PLAIN),
        Press.TURN_JOIN: ("Join", "🙋", _PLAIN),
        Press.TURN_LEAVE: ("Leave", None, _PLAIN),
        Press.TURN_END: ("End", None, _PLAIN),
        Press.TURN_END_NOW: ("End the story", "🏁", _DANGER),
    }
)

_WITH_PAGE = frozenset(
    {
        *(Press.PAGE, Press.EXPORT_AS, Press.VERSION, Press.LIST),
        *(press for press in Press if press.startswith("turn_")),
    }
)


class StoryButton(
    Lasting,
    discord.ui.DynamicItem[StoryButtonItem],
    # What another version has put there, or somebody made up, is ours too: it gets a sentence.
    template=re.compile(
        r"story:(?P<press>[a-z_]{1,20}):(?P<number>[0-9]{1,30})(?::(?P<page>[0-9]{1,30}))?|story:.*", re.DOTALL
    ),
):
    """A button whose ``custom_id`` is ``story:<press>:<id>`` or ``story:<press>:<id>:<page>``."""

    def __init__(
        self,
        press: Press,
        number: int,
        *,
        page: int = 0,
        label: str = "",
        disabled: bool = False,
        style: discord.ButtonStyle | None = None,
        row: int | None = None,
    ) -> None:
        text, emoji, usual_style = _LOOKS.get(press, (label, None, _PLAIN))
        custom_id = f"story:{press}:{number}" + (f":{page}" if press in _WITH_PAGE else "")
        super().__init__(
            discord.ui.Button(
                label=label or text,
                emoji=emoji,
                style=style or usual_style,
                custom_id=custom_id,
                disabled=disabled,
                row=row,
            )
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
        return cls(Press(match["press"] or ""), int(match["number"] or 0), page=int(match["page"] or 0))

    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press to the bot."""
        await cast("Presses", interaction.client).pressed(interaction, self.press, self.number, self.page)

"""The controls of a message as Discord shows it now: read from it, and given back with a change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import discord

from bot.controls.presses import Press
from bot.controls.views import heart_label

_OF_A_PASSAGE = re.compile(rf"story:(?:{Press.BRANCH}|{Press.RETRY}|{Press.UNDO}|{Press.STOP}):([0-9]{{1,30}})")


def with_hearts(message: discord.Message, story_id: int, count: int) -> discord.ui.View:
    """Give a message's controls with another count on its ♥."""
    view = discord.ui.View.from_message(message, timeout=None)
    for item in view.children:
        if isinstance(item, discord.ui.Button) and item.custom_id == f"story:{Press.HEART}:{story_id}":
            item.label = heart_label(count)
    view.stop()  # so that discord.py does not listen to these as well
    return view


def passage_shown_on(message: discord.Message) -> int | None:
    """Give the passage that a message's controls belong to; None where it has none of ours."""
    for button in _buttons(message):
        if found := _OF_A_PASSAGE.fullmatch(button.custom_id or ""):
            return int(found[1])
    return None


def _buttons(message: discord.Message) -> Iterator[discord.Button]:
    rows: list[Any] = message.components
    for row in rows:
        if isinstance(row, discord.ActionRow):
            yield from (item for item in row.children if isinstance(item, discord.Button))

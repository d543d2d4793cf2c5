"""The buttons below reports and below the question of a purge. They carry only ids, so they work after a restart."""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol, Self, cast

import discord

from bot.controls.lasting import Lasting


class Deed(StrEnum):
    """What those who run a server can decide. The number beside it is a report's id unless it is said here."""

    LOOK = "look"
    """Shows the passage."""
    DISMISS = "dismiss"
    TAKE_DOWN = "take_down"
    NEXT = "next"
    PURGE = "purge"
    """Its number is the person whose stories go, 0 for everybody's."""
    KEEP = "keep"
    UNKNOWN = "unknown"
    """Of a button that another version of this program has put there."""

    @classmethod
    def _missing_(cls, value: object) -> Deed:  # noqa: ARG003 - the enum calls it so
        return cls.UNKNOWN


_DANGER, _PLAIN = discord.ButtonStyle.danger, discord.ButtonStyle.secondary
_LOOKS = MappingProxyType(
    {
        Deed.LOOK: ("Look at the passage", discord.ButtonStyle.primary),
        Deed.DISMISS: ("Dismiss", _PLAIN),
        Deed.TAKE_DOWN: ("Take the story down", _DANGER),
        Deed.NEXT: ("Next", _PLAIN),
        Deed.PURGE: ("Take them out", _DANGER),
        Deed.KEEP: ("Leave them", _PLAIN),
    }
)

COG = "ServerReview"
"""Under this name the bot has whoever does what was decided."""


class Decides(Protocol):
    """Whoever does what those who run a server have decided."""

    async def decided(self, interaction: discord.Interaction[Any], deed: Deed, number: int) -> None:
        """Do it, if whoever pressed may."""
        ...


class ReviewButton(
    Lasting,
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=re.compile(r"review:(?P<deed>[a-z_]{1,20}):(?P<number>[0-9]{1,20})"),
):
    """One decision. Its ``custom_id`` is ``review:<deed>:<number>``."""

    def __init__(self, deed: Deed, number: int, *, disabled: bool = False) -> None:
        label, style = _LOOKS.get(deed, ("?", _PLAIN))
        custom_id = f"review:{deed}:{number}"
        super().__init__(discord.ui.Button(label=label, style=style, custom_id=custom_id, disabled=disabled))
        self._deed = deed
        self._number = number

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - discord.py calls it so
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
    ) -> Self:
        """Make the button again from its id."""
        return cls(Deed(match["deed"]), int(match["number"]))

    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Do what was decided."""
        await cast("Decides", interaction.client.get_cog(COG)).decided(interaction, self._deed, self._number)


def report_view(report_id: int, *, several: bool) -> discord.ui.View:
    """Give what can be decided about a report; ``several``: there are others."""
    view = discord.ui.View(timeout=None)
    for deed in (Deed.LOOK, Deed.DISMISS, Deed.TAKE_DOWN):
        view.add_item(ReviewButton(deed, report_id))
    view.add_item(ReviewButton(Deed.NEXT, report_id, disabled=not several))
    return view


def purge_view(owner_id: int) -> discord.ui.View:
    """Give the answers to the question of a purge."""
    view = discord.ui.View(timeout=None)
    view.add_item(ReviewButton(Deed.PURGE, owner_id))
    view.add_item(ReviewButton(Deed.KEEP, owner_id))
    return view

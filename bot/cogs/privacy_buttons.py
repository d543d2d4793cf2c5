"""The buttons below the questions of ``/privacy``. Each carries whom it was put to, so it works after a restart."""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol, Self, cast

import discord

from bot.controls.lasting import Lasting


class Decision(StrEnum):
    """What a person can decide."""

    DELETE_ALL = "delete_all"
    DELETE_NAME = "delete_name"
    """Everything but the words in other people's stories, which stay without a name."""
    KEEP = "keep"
    HISTORY_OFF = "history_off"
    HISTORY_ON = "history_on"
    UNKNOWN = "unknown"
    """Of a button that another version of this program has put there."""

    @classmethod
    def _missing_(cls, value: object) -> Decision:  # noqa: ARG003 - the enum calls it so
        return cls.UNKNOWN


_LOOKS = MappingProxyType(
    {
        Decision.DELETE_ALL: ("Delete everything", discord.ButtonStyle.danger),
        Decision.DELETE_NAME: ("Delete, but leave my words in others' stories", discord.ButtonStyle.danger),
        Decision.KEEP: ("Keep everything", discord.ButtonStyle.secondary),
        Decision.HISTORY_OFF: ("Turn off and delete the older ones", discord.ButtonStyle.danger),
        Decision.HISTORY_ON: ("Leave it on", discord.ButtonStyle.secondary),
    }
)


COG = "PrivacyCog"
"""Under this name the bot has whoever does what was decided."""


class Decides(Protocol):
    """Whoever does what a person has decided."""

    async def decided(self, interaction: discord.Interaction[Any], decision: Decision, asked_id: int) -> None:
        """Do it, if whoever pressed is the person who was asked."""
        ...


class PrivacyButton(
    Lasting,
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=re.compile(r"privacy:(?P<decision>[a-z_]{1,20}):(?P<user_id>[0-9]{1,20})"),
):
    """One answer to a question. Its ``custom_id`` is ``privacy:<decision>:<user id>``."""

    def __init__(self, decision: Decision, user_id: int) -> None:
        label, style = _LOOKS.get(decision, ("?", discord.ButtonStyle.secondary))
        custom_id = f"privacy:{decision}:{user_id}"
        super().__init__(discord.ui.Button(label=label, style=style, custom_id=custom_id))
        self._decision = decision
        self._user_id = user_id

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - discord.py calls it so
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
    ) -> Self:
        """Make the button again from its id."""
        return cls(Decision(match["decision"]), int(match["user_id"]))

    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Do what was decided."""
        await cast("Decides", interaction.client.get_cog(COG)).decided(interaction, self._decision, self._user_id)


def question_view(user_id: int, *decisions: Decision) -> discord.ui.View:
    """Give the answers that a person can choose from."""
    view = discord.ui.View(timeout=None)
    for decision in decisions:
        view.add_item(PrivacyButton(decision, user_id))
    return view

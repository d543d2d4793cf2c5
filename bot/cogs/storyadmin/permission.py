"""Who may use ``/storyadmin``, asked again at every command and button: what Discord hides can be forged."""

from __future__ import annotations

from typing import Any, Protocol, cast

import discord

from bot.errors import MayNotAdminister, OnlyInServers
from bot.look.showing import teller_of
from bot.storytelling import server_rules
from bot.storytelling.storyteller import Storyteller


class HasStoryteller(Protocol):
    """The bot's client."""

    storyteller: Storyteller


async def may_administer(interaction: discord.Interaction[Any]) -> int:
    """Give the id of the server whose rules this person may change here: where they are, and no other.

    Raises OnlyInServers and MayNotAdminister.
    """
    teller = teller_of(interaction)
    if teller.guild_id is None or not teller.hosted:
        raise OnlyInServers
    # Who may manage the server gets in without a look at the database, so also where it can't be read.
    if not teller.manages:
        rules = await cast("HasStoryteller", interaction.client).storyteller.gate.rules_for(teller)
        if not server_rules.may_administer(rules, teller):
            raise MayNotAdminister
    return teller.guild_id

"""The panel on which those who run a server see all that holds there, and change it with selects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Self, cast

import discord
from discord.ext import commands

from bot.cogs.storyadmin.panel_controls import BUILT_IN, LISTED, OFFERED, PREFIX, Section, controls_of, part_of
from bot.cogs.storyadmin.permission import may_administer
from bot.controls.lasting import Lasting
from bot.errors import CantBlock, NotOfThisServer, TooManyListed, UnknownButton
from bot.look.rules_cards import blocks_card, log_card, overview_card, part_card
from bot.store import StoryStore
from bot.store.lookups import LARGEST_ID
from bot.store.server_rows import ChannelMode, Limits, RulesPart, ServerRules
from bot.storytelling.server_rules import checked_limits, with_limits
from bot.storytelling.storyteller import Storyteller
from storygen.sampling import PRESETS, SamplingOverrides

Interaction = discord.Interaction[Any]

COG = "RulesPanel"
"""Under this name the bot has whoever answers the selects."""
_DIGITS = re.compile(r"[0-9]{1,20}")


class RulesPanel(commands.Cog, name=COG):
    """Shows a section of a server's rules, and does what was chosen there."""

    def __init__(self, store: StoryStore, storyteller: Storyteller) -> None:
        self._store = store
        self._storyteller = storyteller

    async def show(self, interaction: Interaction, section: Section, sentence: str | None = None) -> None:
        """Let the answer, which was deferred, show a section as it is now."""
        guild_id = interaction.guild_id or 0
        rules = await self._store.servers.rules_of(guild_id)
        blocks = await self._store.servers.blocks_of(guild_id, LISTED)
        view = discord.ui.View(timeout=None)
        for control in controls_of(section, rules, blocks):
            view.add_item(RulesControl(control))
        card = await self._card(guild_id, section, rules)
        await interaction.edit_original_response(content=sentence, embed=card, view=view)

    async def change(
        self, interaction: Interaction, part: RulesPart, change: Callable[[ServerRules], ServerRules]
    ) -> None:
        """Change a part of the rules of the server where the person is; they may, or that raised before."""
        await self._store.servers.change_rules(interaction.guild_id or 0, interaction.user.id, part, change)

    async def block(self, interaction: Interaction, user_id: int, reason: str = "") -> None:
        """Block a person where the other is, who may, and stop what is being written for them there."""
        guild_id = interaction.guild_id or 0
        await self._store.servers.block(guild_id, user_id, reason, by=interaction.user.id)
        self._storyteller.stop_in(user_id, guild_id)

    async def chosen(self, interaction: Interaction, what: str, values: Sequence[str], shown: Sequence[int]) -> None:
        """Do what was chosen in a select; ``shown`` is what was chosen in it before.

        Raises what ``may_administer`` raises, UnknownButton for what no select of ours sends, NotOfThisServer,
        TooManyListed, CantBlock and InvalidOption.
        """
        await interaction.response.defer()
        await may_administer(interaction)
        await self.show(interaction, await self._done(interaction, what, values, shown))

    async def _done(self, interaction: Interaction, what: str, values: Sequence[str], shown: Sequence[int]) -> Section:
        if what == "section":
            return _section(values)
        if what == "blocked":
            await self._choose_blocked(interaction, _ids(values), shown)
            return Section.BLOCKED
        part, change = _change_of(interaction, what, values, shown)
        await self.change(interaction, part, change)
        return Section(part.value)

    async def _choose_blocked(self, interaction: Interaction, chosen: Sequence[int], shown: Sequence[int]) -> None:
        guild_id, by = interaction.guild_id or 0, interaction.user.id
        for user_id in chosen:
            check_blockable(interaction, user_id)
        for user_id in set(chosen) - set(shown):
            await self.block(interaction, user_id)
        blocked = {block.user_id for block in await self._store.servers.blocks_of(guild_id, LISTED)}
        for user_id in blocked & set(shown) - set(chosen):
            await self._store.servers.unblock(guild_id, user_id, by=by)

    async def _card(self, guild_id: int, section: Section, rules: ServerRules) -> discord.Embed:
        part = part_of(section)
        if part is not None:
            return part_card(part, rules)
        if section is Section.LOG:
            return log_card(await self._store.servers.changes_of(guild_id))
        count = await self._store.servers.count_blocks(guild_id)
        if section is Section.BLOCKED:
            return blocks_card(await self._store.servers.blocks_of(guild_id, LISTED), count)
        return overview_card(rules, count)


class RulesControl(
    Lasting,
    discord.ui.DynamicItem[discord.ui.Item[discord.ui.View]],
    template=re.compile(rf"{PREFIX}(?P<what>[a-z_]{{1,20}})"),
):
    """A select of the panel. Its ``custom_id`` is ``rules:<what it changes>``; it works after a restart."""

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - discord.py calls it so
        item: discord.ui.Item[Any],
        match: re.Match[str],  # noqa: ARG003
    ) -> Self:
        """Make the select again; what it offers and what is chosen in it stands on the message."""
        return cls(item)

    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the choice to the panel."""
        panel = cast("RulesPanel", cast("commands.Bot", interaction.client).get_cog(COG))
        # Discord gives these ids as text, and discord.py leaves them so.
        before = [int(value.id) for value in getattr(self.item, "default_values", ())]
        data: Any = interaction.data or {}
        values = [str(value) for value in data.get("values", ())]
        await panel.chosen(interaction, str(self.custom_id).removeprefix(PREFIX), values, before)


def check_blockable(interaction: Interaction, user_id: int) -> None:
    """Raise CantBlock for the person themselves and for the bot."""
    me = interaction.client.user
    if user_id in (interaction.user.id, me.id if me else 0):
        raise CantBlock


def chosen_list(now: Iterable[int], shown: Iterable[int], chosen: Iterable[int]) -> tuple[int, ...]:
    """Give a list after a choice in a select that showed ``shown``: what somebody else changed meanwhile stays.

    Raises TooManyListed.
    """
    kept = [each for each in now if each in chosen or each not in shown]
    listed = tuple(dict.fromkeys([*kept, *(each for each in chosen if each not in shown)]))
    if len(listed) > LISTED:
        raise TooManyListed(LISTED)
    return listed


def _change_of(
    interaction: Interaction, what: str, values: Sequence[str], shown: Sequence[int]
) -> tuple[RulesPart, Callable[[ServerRules], ServerRules]]:
    if what == "mode":
        mode = _mode(values)
        return RulesPart.CHANNELS, lambda rules: replace(rules, channel_mode=mode)
    if what in OFFERED:
        limits = checked_limits(Limits(**{what: _number(values)}))
        return RulesPart.LIMITS, lambda rules: with_limits(rules, limits, None)
    if what == "preset":
        overrides = _preset(values)
        return RulesPart.DEFAULTS, lambda rules: replace(rules, overrides=overrides)
    part = {"channels": RulesPart.CHANNELS, "teller_roles": RulesPart.ROLES, "admin_roles": RulesPart.ROLES}.get(what)
    if part is None:
        raise UnknownButton
    ids = _ids_of_server(interaction, part, values, shown)

    def change(rules: ServerRules) -> ServerRules:
        listed: Any = {what: chosen_list(getattr(rules, what), shown, ids)}
        return replace(rules, **listed)

    return part, change


def _ids_of_server(interaction: Interaction, part: RulesPart, values: Sequence[str], shown: Sequence[int]) -> list[int]:
    """Give the ids of channels or roles, without those on the list that were deleted meanwhile.

    Raises NotOfThisServer for those of another server.
    """
    guild = interaction.guild
    if guild is None:
        raise NotOfThisServer
    find: Callable[[int], object] = guild.get_channel if part is RulesPart.CHANNELS else guild.get_role
    ids = _ids(values)
    there = [number for number in ids if find(number) is not None]
    if not set(ids) - set(there) <= set(shown):
        raise NotOfThisServer
    return there


def _ids(values: Sequence[str]) -> list[int]:
    ids = [int(value) for value in values if _DIGITS.fullmatch(value)]
    if len(ids) < len(values) or any(number > LARGEST_ID for number in ids):
        raise UnknownButton
    return ids


def _number(values: Sequence[str]) -> int:
    ids = _ids(values)
    if not ids:
        raise UnknownButton
    return ids[0]


def _section(values: Sequence[str]) -> Section:
    known = set(Section)
    if not values or values[0] not in known:
        raise UnknownButton
    return Section(values[0])


def _mode(values: Sequence[str]) -> ChannelMode:
    if not values or values[0] not in set(ChannelMode):
        raise UnknownButton
    return ChannelMode(values[0])


def _preset(values: Sequence[str]) -> SamplingOverrides:
    if not values or values[0] not in {BUILT_IN, *PRESETS}:
        raise UnknownButton
    return PRESETS.get(values[0], SamplingOverrides())

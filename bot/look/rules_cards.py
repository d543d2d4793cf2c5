"""How a server's rules look to those who run it: all at a glance, one part, the people blocked, who changed what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import discord

from bot.look.rules_words import part_words
from bot.store.server_changes import KEPT_SECONDS
from bot.store.server_rows import Block, RulesPart, ServerChange, ServerRules, read_rules
from bot.text import clipped, escaped

TITLES = MappingProxyType(
    {
        RulesPart.CHANNELS: "Channels",
        RulesPart.ROLES: "Roles",
        RulesPart.LIMITS: "Limits",
        RulesPart.DEFAULTS: "Defaults",
    }
)
NOTES = MappingProxyType(
    {
        RulesPart.CHANNELS: "A thread counts as its channel.",
        RulesPart.ROLES: (
            "Discord shows /storyadmin to those with Manage Server; for another role, allow it as well under "
            "Server Settings, Integrations."
        ),
        RulesPart.LIMITS: "A passage is what one press of Continue gives. What fails does not count. "
        "/storyadmin limits gives a role more.",
        RulesPart.DEFAULTS: "What people save or type themselves goes first. /storyadmin defaults sets single options.",
    }
)
REASON_SHOWN = 150
"""Characters of a reason or of old rules in a list."""
CARD_LENGTH = 4000
"""Discord takes 4,096 characters in the text of a card."""
DAY_SECONDS = 24 * 3600


def overview_card(rules: ServerRules, blocked: int) -> discord.Embed:
    """Show all that holds in a server."""
    card = discord.Embed(title="How stories are told in this server")
    for part, title in TITLES.items():
        card.add_field(name=title, value=clipped(part_words(part, rules), 1024), inline=False)
    people = "1 person is" if blocked == 1 else f"{blocked:,} people are"
    card.add_field(name="Blocked", value=f"{people} blocked." if blocked else "Nobody is blocked.", inline=False)
    card.set_footer(text="Choose below what to change")
    return card


def part_card(part: RulesPart, rules: ServerRules) -> discord.Embed:
    """Show one part of the rules."""
    card = discord.Embed(title=TITLES[part], description=clipped(part_words(part, rules), CARD_LENGTH))
    card.set_footer(text=NOTES[part])
    return card


def blocks_card(blocks: Sequence[Block], count: int) -> discord.Embed:
    """Show who is blocked, the newest first, and why."""
    lines = [_block_line(block) for block in blocks]
    if count > len(blocks):
        lines.append(f"and {count - len(blocks):,} more")
    card = discord.Embed(title="Blocked", description=_fitting(lines) or "Nobody is blocked here.")
    card.set_footer(text="They tell no stories here; their own stories stay theirs, and they can see the reason.")
    return card


def log_card(changes: Sequence[ServerChange]) -> discord.Embed:
    """Show who changed what, the newest first."""
    card = discord.Embed(title="Who changed what", description=_fitting(map(_change_line, changes)) or "Nothing yet.")
    card.set_footer(text=f"The last {len(changes) or ''} changes; kept for {KEPT_SECONDS // DAY_SECONDS} days")
    return card


def _block_line(block: Block) -> str:
    reason = f": {escaped(clipped(block.reason, REASON_SHOWN))}" if block.reason else ""
    return f"<@{block.user_id}>{reason}\n-# <t:{block.created_at}:d> by {_person(block.blocked_by)}"


def _change_line(change: ServerChange) -> str:
    what = _DEEDS.get(change.what, _other_deed(change.what))(change.details)
    return f"{what}\n-# <t:{change.created_at}:f> by {_person(change.user_id)}"


def _rules_deed(part: RulesPart) -> Callable[[Mapping[str, Any]], str]:
    def words(details: Mapping[str, Any]) -> str:
        after, before = (part_words(part, read_rules(details.get(when, {}))) for when in ("after", "before"))
        return f"**{TITLES[part]}** {_one_line(after)}\n-# before: {_one_line(before)}"

    return words


def _blocked(details: Mapping[str, Any]) -> str:
    reason = clipped(str(details.get("reason", "")), REASON_SHOWN)
    return f"**Blocked** {_person(details.get('person', 0))}{f': {escaped(reason)}' if reason else ''}"


def _other_deed(what: str) -> Callable[[Mapping[str, Any]], str]:
    """Say what another part of the bot has noted."""

    def words(details: Mapping[str, Any]) -> str:
        told = ", ".join(f"{name} {value}" for name, value in details.items())
        return f"**{escaped(what.capitalize())}** {escaped(clipped(told, REASON_SHOWN))}".rstrip()

    return words


_DEEDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = MappingProxyType(
    {
        **{part.value: _rules_deed(part) for part in RulesPart},
        "block": _blocked,
        "unblock": lambda details: f"**Unblocked** {_person(details.get('person', 0))}",
    }
)


def _person(user_id: int) -> str:
    return f"<@{user_id}>" if user_id else "somebody whose data is deleted"


def _one_line(words: str) -> str:
    return clipped(" ".join(words.split()), REASON_SHOWN)


def _fitting(lines: Iterable[str]) -> str:
    """Give as many lines as a card takes."""
    text = ""
    for line in lines:
        if len(text) + len(line) + 1 > CARD_LENGTH:
            break
        text += f"{line}\n"
    return text.rstrip()

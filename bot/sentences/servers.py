"""Sentences: what those who run a server have decided, and how they decide it."""

from __future__ import annotations

from bot.errors import (
    BlockedHere,
    CantBlock,
    ChannelClosed,
    MayNotAdminister,
    NotBlocked,
    NotOfThisServer,
    OnlyInServers,
    ReportNotFound,
    RoleNeeded,
    TooManyHere,
    TooManyListed,
    TooSoon,
)
from bot.sentences.table import Sentences

SHOWN_NAMES = 6
"""As many channels or roles are named in a sentence."""


def _channel_closed(error: ChannelClosed) -> str:
    if not error.open_channels:
        return "Those who run this server want no stories in this channel. Please choose another."
    places = _one_of([f"<#{channel}>" for channel in error.open_channels])
    return f"In this server, stories are told in {places}. Please come there."


def _too_soon(error: TooSoon) -> str:
    reason = f"This server allows each person {error.an_hour} an hour" if error.an_hour else "That was quick"
    return f"{reason}. Please try again <t:{error.free_at}:R>."


def _one_of(names: list[str]) -> str:
    """Give for example "a, b or c", and of many only some."""
    if len(names) > SHOWN_NAMES:
        names = [*names[: SHOWN_NAMES - 1], f"{len(names) - SHOWN_NAMES + 1} others"]
    *some, last = names
    return f"{', '.join(some)} or {last}" if some else last


SENTENCES: Sentences = {
    BlockedHere: lambda _: (
        "Those who run this server have blocked you from telling stories here. "
        "Your stories are still yours: `/stories` and `/privacy` work as ever, and in direct messages you can go on."
    ),
    ChannelClosed: _channel_closed,
    RoleNeeded: lambda error: (
        f"In this server, stories are for people with {_one_of([f'<@&{role}>' for role in error.role_ids])}. "
        "In direct messages you can tell them, too."
    ),
    TooSoon: _too_soon,
    TooManyHere: lambda error: (
        f"This server allows each person {error.limit} {'story' if error.limit == 1 else 'stories'} at a time. "
        "Wait for one to end, or press its Stop."
    ),
    OnlyInServers: lambda _: "This is for servers that I have been added to. Use it there.",
    MayNotAdminister: lambda _: (
        "This is for those who run this server: it takes the permission Manage Server, or a role that they have named."
    ),
    NotOfThisServer: lambda _: "This server has no such channel or role. Please choose again.",
    TooManyListed: lambda error: f"The list has {error.limit} already, all that it may. Take one off first.",
    CantBlock: lambda _: "You can block neither yourself nor me.",
    NotBlocked: lambda error: f"Nobody has blocked <@{error.user_id}> in this server.",
    ReportNotFound: lambda _: "There is no such report in this server; perhaps its story was deleted.",
}

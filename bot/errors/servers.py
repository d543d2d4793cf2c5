"""What those who run a server have decided, and how they decide it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors.parent import BotError


class BlockedHere(BotError):
    """Those who run the server have blocked this person there."""


class ChannelClosed(BotError):
    """No stories are told in this channel. ``open_channels`` are those where they are; empty where it is all others."""

    def __init__(self, open_channels: Sequence[int]) -> None:
        super().__init__("no stories are told in this channel")
        self.open_channels = tuple(open_channels)


class RoleNeeded(BotError):
    """Only people with one of these roles may tell stories in the server."""

    def __init__(self, role_ids: Sequence[int]) -> None:
        super().__init__("only certain roles may tell stories here")
        self.role_ids = tuple(role_ids)


class TooSoon(BotError):
    """The server's limits allow nothing new before ``free_at``, in UTC seconds.

    ``an_hour`` is the limit that was reached, 0 where it is the cooldown.
    """

    def __init__(self, free_at: int, an_hour: int = 0) -> None:
        super().__init__(f"nothing new before {free_at}")
        self.free_at = free_at
        self.an_hour = an_hour


class TooManyHere(BotError):
    """As many stories of this person as the server allows wait or are being written."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} stories of this person are on their way in this server")
        self.limit = limit


class OnlyInServers(BotError):
    """What was asked for is for servers in which the bot is."""


class MayNotAdminister(BotError):
    """The person may not say what holds in the server."""


class NotOfThisServer(BotError):
    """The server has no such channel or role."""


class TooManyListed(BotError):
    """A server's list of channels or roles is as long as it may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} are listed already")
        self.limit = limit


class CantBlock(BotError):
    """Nobody blocks themselves or the bot."""


class NotBlocked(BotError):
    """The person is not blocked in the server."""

    def __init__(self, user_id: int) -> None:
        super().__init__(f"user {user_id} is not blocked")
        self.user_id = user_id


class ReportNotFound(BotError):
    """No report of the server has this id; its story may have been deleted."""

    def __init__(self, report_id: int) -> None:
        super().__init__(f"there is no report {report_id} here")
        self.report_id = report_id

"""Stories that people tell together."""

from __future__ import annotations

from bot.errors.parent import BotError


class CircleNotFound(BotError):
    """No story is told together here, or it was deleted."""


class CircleRunning(BotError):
    """Another story is told together in this channel already."""


class TooManyCircles(BotError):
    """A person has begun as many stories to be told together in this server as may go on at once."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} stories that this person began are being told together")
        self.limit = limit


class CircleEnded(BotError):
    """The story told together has ended."""


class CircleFull(BotError):
    """As many people as may tell one story tell this one."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} people take part already")
        self.limit = limit


class NotInCircle(BotError):
    """Only those who take part in a story may do this."""


class NotYourTurn(BotError):
    """It is somebody else's turn."""

    def __init__(self, turn_user_id: int | None) -> None:
        super().__init__(f"it is the turn of {turn_user_id}")
        self.turn_user_id = turn_user_id


class TurnOver(BotError):
    """What was pressed or sent belongs to a turn that is over."""


class WroteLast(BotError):
    """Nobody writes twice in a row in this story, and this person wrote last."""


class BotWroteLast(BotError):
    """Nobody writes twice in a row in this story, and the bot wrote last."""


class NoTurnsHere(BotError):
    """In this story people write as they come, so there is no turn to pass on."""


class NotTheStarter(BotError):
    """Only whoever began a story told together, or whoever looks after the server, may do this."""

    def __init__(self, starter_id: int) -> None:
        super().__init__(f"user {starter_id} began this")
        self.starter_id = starter_id


class ChannelGone(BotError):
    """The channel in which a story was told is no longer there, or no longer the bot's to write in."""

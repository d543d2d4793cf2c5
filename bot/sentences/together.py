"""Sentences: stories that people tell together."""

from __future__ import annotations

from bot.errors import (
    BotWroteLast,
    ChannelGone,
    CircleEnded,
    CircleFull,
    CircleNotFound,
    CircleRunning,
    NotInCircle,
    NotTheStarter,
    NoTurnsHere,
    NotYourTurn,
    TooManyCircles,
    TurnOver,
    WroteLast,
)
from bot.sentences.table import Sentences


def _not_your_turn(error: NotYourTurn) -> str:
    if not error.turn_user_id:
        return "It is somebody else's turn just now. Yours will come."
    return f"It is the turn of <@{error.turn_user_id}>. Yours will come."


def _not_the_starter(error: NotTheStarter) -> str:
    starter = "whoever takes part in this story"
    if error.starter_id:
        starter = f"<@{error.starter_id}>, who began this story,"
    return f"Only {starter} can do that, and whoever looks after this server."


SENTENCES: Sentences = {
    CircleNotFound: lambda _: "No story is told together here. `/together start` begins one.",
    CircleRunning: lambda _: "A story is told together in this channel already. `/together end` ends it.",
    TooManyCircles: lambda error: (
        f"You have begun {error.limit} stories here that still go on, as many as may. `/together end` ends one."
    ),
    CircleEnded: lambda _: "This story has ended. `/together start` begins another.",
    CircleFull: lambda error: f"As many people as may, {error.limit}, tell this story already.",
    NotInCircle: lambda _: "You don't take part in this story yet. Press Join, or type `/together join`.",
    NotYourTurn: _not_your_turn,
    TurnOver: lambda _: "The story has gone on meanwhile, so this came too late.",
    WroteLast: lambda _: "You wrote the passage before, and nobody writes twice in a row here. Let others go on.",
    BotWroteLast: lambda _: "I wrote the passage before, and nobody writes twice in a row here. It is for you.",
    NoTurnsHere: lambda _: "In this story everybody writes as they come, so there is no turn to pass on.",
    NotTheStarter: _not_the_starter,
    ChannelGone: lambda _: "The channel of this story is gone, or I may not write there any more.",
}

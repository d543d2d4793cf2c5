"""What somebody asks for who begins a story to be told together, checked."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import UnknownChoice
from bot.store import BotPart, Circle, Member, Phase, TurnOrder
from bot.storytelling.telling import Teller
from storygen.errors import InvalidOption

SHORTEST_TURN, LONGEST_TURN = 1, 1440
"""Minutes."""
FEWEST_PASSAGES, MOST_PASSAGES = 2, 100
MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """As it was typed, but for the first words."""

    genre: str
    order: str = TurnOrder.ANYONE.value
    turn_minutes: int = 60
    passages: int = 12
    """In all, the first one included."""
    bot: str = BotPart.ASKED.value
    vote: bool = False

    def circle(self, teller: Teller, now: int) -> Circle:
        """Give the circle that is wished for, before its first turn; a client can send anything.

        Raises InvalidOption and UnknownChoice.
        """
        _refuse_outside("turn_minutes", self.turn_minutes, SHORTEST_TURN, LONGEST_TURN)
        _refuse_outside("passages", self.passages, FEWEST_PASSAGES, MOST_PASSAGES)
        if self.order not in set(TurnOrder) or self.bot not in set(BotPart):
            raise UnknownChoice
        return Circle(
            story_id=0,
            guild_id=teller.guild_id or 0,
            channel_id=teller.channel_id,
            begun_in=teller.channel_id,
            starter_id=teller.user_id,
            turn_order=TurnOrder(self.order),
            turn_seconds=self.turn_minutes * MINUTE,
            passages_wanted=self.passages,
            bot_part=BotPart(self.bot),
            votes=self.vote,
            phase=Phase.RESTING,
            turn=0,
            turn_user_id=None,
            turn_seat=1,
            last_writer_id=teller.user_id,
            slept=0,
            passages_told=1,
            tip_id=0,
            candidates=(),
            deadline=None,
            message_id=None,
            shown_turn=0,
            begun_at=now,
            ended_at=None,
            members=(Member(user_id=teller.user_id, seat=1),),
        )


def _refuse_outside(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidOption(name, value, least, most)

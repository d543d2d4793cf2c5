"""The rules of telling together: what becomes of a circle when somebody does something, or when time is over.

Each rule takes a circle and gives another one, or raises why that may not be; nothing here looks at a clock or a
database. ``now`` is in UTC seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.errors import BotWroteLast, CircleEnded, CircleFull, NotInCircle, NoTurnsHere, NotYourTurn, TurnOver, WroteLast
from bot.store.circle_rows import BotPart, Circle, Member, Phase, TurnOrder, Vote

CIRCLE_SIZE = 20
"""How many people may tell one story."""
CANDIDATES = 3
"""How many ways to go on the bot writes where the members choose."""
LONGEST_VOTE = 600
"""Seconds after which a vote ends, also where a turn takes longer."""
BOT = 0
"""As whoever wrote last."""


# Beginning, coming and going


def opened(circle: Circle, now: int) -> Circle:
    """Let a circle begin after its first passage. A round waits for whoever joins; they have the first turn."""
    if _in_round(circle):
        return _resting(circle)
    return _writing(circle) if circle.bot_part is BotPart.BETWEEN else _next(circle, now)


def joined(circle: Circle, user_id: int, now: int) -> Circle:
    """Let somebody take part; in a round they sit last. Who comes while it rests has the turn at once."""
    _refuse_ended(circle)
    if user_id in circle.member_ids:
        return circle
    if len(circle.members) >= CIRCLE_SIZE:
        raise CircleFull(CIRCLE_SIZE)
    seat = max([circle.turn_seat, *(member.seat for member in circle.members)]) + 1
    larger = replace(circle, members=(*circle.members, Member(user_id=user_id, seat=seat)))
    if circle.phase is Phase.RESTING and _in_round(circle):
        return _turn_of(larger, larger.members[-1], now)
    return larger


def left(circle: Circle, user_id: int, now: int) -> Circle:
    """Let somebody go. Their turn goes to the next, their vote counts no more, their passages stay."""
    _refuse_ended(circle)
    if user_id not in circle.member_ids:
        raise NotInCircle
    members = tuple(member for member in circle.members if member.user_id != user_id)
    smaller = replace(circle, members=members, cast=tuple(vote for vote in circle.cast if vote.user_id != user_id))
    if circle.turn_user_id == user_id:
        smaller = replace(smaller, turn_user_id=None)
        return _next(smaller, now) if circle.phase is Phase.TURN else smaller
    if not members and circle.phase is Phase.TURN:
        return _resting(smaller)
    return smaller


def without(circle: Circle, user_id: int, now: int) -> Circle:
    """Let somebody go who has left the server; the same circle where they do not take part."""
    return left(circle, user_id, now) if user_id in circle.member_ids and circle.is_open else circle


# Turns


def refuse_writing(circle: Circle, user_id: int) -> None:
    """Say why somebody may not write now: raises CircleEnded, NotInCircle, NotYourTurn, TurnOver or WroteLast."""
    _refuse_out_of_turn(circle, user_id)
    others = any(member != user_id for member in circle.member_ids)
    if circle.turn_order is TurnOrder.NO_DOUBLE_TURNS and circle.last_writer_id == user_id and others:
        raise WroteLast


def wrote(circle: Circle, user_id: int, turn: int, now: int) -> Circle:
    """Let somebody's passage count, which was begun in that turn. Raises what ``refuse_writing`` raises."""
    refuse_writing(circle, user_id)
    if turn != circle.turn:
        raise TurnOver
    circle = joined(circle, user_id, now)
    seat = next(member.seat for member in circle.members if member.user_id == user_id)
    told = _told(circle, user_id)
    told = replace(told, turn_seat=seat if _in_round(circle) else circle.turn_seat, turn_user_id=None)
    if told.bot_part is BotPart.BETWEEN and told.passages_told < told.passages_wanted:
        return _writing(told)
    return _next(told, now)


def passed(circle: Circle, user_id: int, turn: int, now: int) -> Circle:
    """Let somebody give their turn to the next."""
    _refuse_no_round(circle)
    if user_id not in circle.member_ids:
        raise NotInCircle
    if circle.turn_user_id != user_id or circle.phase is not Phase.TURN:
        raise NotYourTurn(circle.turn_user_id)
    if turn != circle.turn:
        raise TurnOver
    return _next(circle, now)


def skipped(circle: Circle, turn: int, now: int) -> Circle:
    """Pass over whoever has this turn; who may say so is no matter of this rule."""
    _refuse_no_round(circle)
    if circle.phase is not Phase.TURN or turn != circle.turn:
        raise TurnOver
    return _next(circle, now)


def timed_out(circle: Circle, now: int) -> Circle:
    """End what is waited for where its time is over: a turn, or a vote; else give the same circle.

    When nobody has come in time for a whole round, the story rests, so that nothing more is posted.
    """
    if circle.deadline is None or now < circle.deadline:
        return circle
    if circle.phase is Phase.VOTING:
        return counted(circle, now)
    if _in_round(circle) and circle.turn_user_id is None:
        return _next(circle, now)  # whose turn it was is forgotten
    slept = circle.slept + 1
    if not _in_round(circle) or slept >= len(circle.members):
        return _resting(circle)
    return _next(replace(circle, slept=slept), now)


def ended(circle: Circle, now: int) -> Circle:
    """End the story where it is."""
    _refuse_ended(circle)
    return _end(circle, now)


# The bot's passages


def bot_asked(circle: Circle, user_id: int, turn: int, now: int) -> Circle:
    """Let the bot go on, in the place of whoever asks for it."""
    _refuse_out_of_turn(circle, user_id)
    if circle.turn_order is TurnOrder.NO_DOUBLE_TURNS and circle.last_writer_id == BOT:
        raise BotWroteLast
    if turn != circle.turn:
        raise TurnOver
    circle = joined(circle, user_id, now)
    holder = user_id if _in_round(circle) else None
    seat = next(member.seat for member in circle.members if member.user_id == user_id)
    return _writing(replace(circle, turn_user_id=holder, turn_seat=seat if holder else circle.turn_seat))


def bot_wrote(circle: Circle, turn: int, passage_id: int, now: int) -> Circle:
    """Let the bot's passage count."""
    _refuse_other(circle, Phase.WRITING, turn)
    return _next(replace(_told(circle, BOT), tip_id=passage_id, turn_user_id=None), now)


def bot_failed(circle: Circle, turn: int, now: int) -> Circle:
    """Go on without the bot's passage; whoever had asked for it in their turn has their turn again."""
    _refuse_other(circle, Phase.WRITING, turn)
    holder = next((member for member in circle.members if member.user_id == circle.turn_user_id), None)
    return _next(circle, now) if holder is None else _turn_of(circle, holder, now)


# Votes


def vote_opened(circle: Circle, turn: int, candidates: Sequence[int], now: int) -> Circle:
    """Let the members choose among passages, for as long as a turn takes, but no longer than ``LONGEST_VOTE``."""
    _refuse_other(circle, Phase.WRITING, turn)
    deadline = now + min(circle.turn_seconds, LONGEST_VOTE)
    return replace(
        circle, phase=Phase.VOTING, turn=turn + 1, candidates=tuple(candidates), cast=(), deadline=deadline,
        turn_user_id=None,
    )  # fmt: skip


def voted(circle: Circle, user_id: int, passage_id: int, turn: int, now: int) -> Circle:
    """Count a member's vote, in place of the one before; when all have voted, the vote is over."""
    _refuse_ended(circle)
    late = circle.deadline is not None and now >= circle.deadline
    if circle.phase is not Phase.VOTING or circle.turn != turn or passage_id not in circle.candidates or late:
        raise TurnOver
    if user_id not in circle.member_ids:
        raise NotInCircle
    if Vote(user_id=user_id, passage_id=passage_id) in circle.cast:
        return circle  # pressed twice: it keeps its place
    others = tuple(vote for vote in circle.cast if vote.user_id != user_id)
    circle = replace(circle, cast=(*others, Vote(user_id=user_id, passage_id=passage_id)))
    return counted(circle, now) if len(circle.cast) >= len(circle.members) else circle


def counted(circle: Circle, now: int) -> Circle:
    """End a vote: the winner is the story's next passage."""
    return _next(replace(_told(circle, BOT), tip_id=winner(circle.candidates, circle.cast)), now)


def winner(candidates: Sequence[int], cast: Sequence[Vote]) -> int:
    """Give the candidate with the most votes; of several, the one that had all of its votes first.

    ``cast`` is in the order of time. Where nobody has voted, it is the first candidate.
    """
    chosen = [vote.passage_id for vote in cast]
    # Of those with as many votes, the last of which came earlier; without a vote, the order of the candidates.
    last = {passage_id: place for place, passage_id in enumerate(chosen)}
    return max(candidates, key=lambda candidate: (chosen.count(candidate), -last.get(candidate, 0)))


def _next(circle: Circle, now: int) -> Circle:
    """Begin the next turn, or end the story where it is as long as was wanted."""
    if circle.passages_told >= circle.passages_wanted:
        return _end(circle, now)
    if not circle.members:
        return _resting(circle)
    if _in_round(circle):
        following = (member for member in circle.members if member.seat > circle.turn_seat)
        return _turn_of(circle, next(following, circle.members[0]), now)
    return replace(_idle(circle, Phase.TURN), deadline=now + circle.turn_seconds)


def _turn_of(circle: Circle, member: Member, now: int) -> Circle:
    circle = replace(_idle(circle, Phase.TURN), deadline=now + circle.turn_seconds)
    return replace(circle, turn_user_id=member.user_id, turn_seat=member.seat)


def _idle(circle: Circle, phase: Phase) -> Circle:
    """Give a circle in another turn, in which nobody is waited for."""
    return replace(
        circle, phase=phase, turn=circle.turn + 1, turn_user_id=None, deadline=None, candidates=(), cast=()
    )  # fmt: skip


def _resting(circle: Circle) -> Circle:
    return replace(_idle(circle, Phase.RESTING), slept=0)


def _writing(circle: Circle) -> Circle:
    return replace(_idle(circle, Phase.WRITING), turn_user_id=circle.turn_user_id)


def _end(circle: Circle, now: int) -> Circle:
    return replace(_idle(circle, Phase.ENDED), ended_at=now)


def _told(circle: Circle, writer_id: int) -> Circle:
    return replace(circle, passages_told=circle.passages_told + 1, last_writer_id=writer_id, slept=0)


def _in_round(circle: Circle) -> bool:
    return circle.turn_order is TurnOrder.ROUND_ROBIN


def _refuse_ended(circle: Circle) -> None:
    if circle.phase is Phase.ENDED:
        raise CircleEnded


def _refuse_out_of_turn(circle: Circle, user_id: int) -> None:
    _refuse_ended(circle)
    if circle.phase in {Phase.WRITING, Phase.VOTING}:
        raise TurnOver
    if not _in_round(circle):
        return
    if user_id not in circle.member_ids:
        raise NotInCircle
    if circle.phase is Phase.TURN and circle.turn_user_id != user_id:
        raise NotYourTurn(circle.turn_user_id)


def _refuse_no_round(circle: Circle) -> None:
    _refuse_ended(circle)
    if not _in_round(circle):
        raise NoTurnsHere


def _refuse_other(circle: Circle, phase: Phase, turn: int) -> None:
    if circle.phase is not phase or circle.turn != turn:
        raise TurnOver

"""A circle, the people who tell one story together and whose turn it is: rows as frozen plain data."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any


class TurnOrder(StrEnum):
    """Who may write when."""

    ANYONE = "anyone"
    """Whoever comes first."""
    NO_DOUBLE_TURNS = "no_double_turns"
    """Whoever comes first, but nobody twice in a row."""
    ROUND_ROBIN = "round_robin"
    """One after the other, as they came."""


class BotPart(StrEnum):
    """When the bot writes a passage itself."""

    BETWEEN = "between"
    """After each passage of a person."""
    ASKED = "asked"
    """When somebody asks for it."""


class Phase(StrEnum):
    """What a circle waits for."""

    TURN = "turn"
    """A person's words."""
    WRITING = "writing"
    """The bot, which writes a passage or several to choose from."""
    VOTING = "voting"
    RESTING = "resting"
    """Nobody came in time, or nobody is there; whoever writes wakes it."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who takes part."""

    user_id: int
    seat: int
    """Whoever came later has a greater one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A member's vote for a candidate."""

    user_id: int
    passage_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """One story told together, as far as it is. Times are UTC seconds."""

    story_id: int
    guild_id: int
    channel_id: int
    """Where it is told: a thread, or a channel."""
    begun_in: int
    """The channel where the command was typed."""
    starter_id: int
    """0 where that person is forgotten."""
    turn_order: TurnOrder
    turn_seconds: int
    passages_wanted: int
    bot_part: BotPart
    votes: bool
    """Whether the bot writes three candidates and the members choose."""
    phase: Phase
    turn: int
    """Goes up with whatever changes who may do what."""
    turn_user_id: int | None
    """Whose turn it is; None where it is nobody's in particular."""
    turn_seat: int
    """The seat of whoever had the turn last, also when that person has left."""
    last_writer_id: int | None
    """Who wrote last; 0 for the bot and for somebody who is forgotten, None before the first passage."""
    slept: int
    """Turns in a row that ended because their time was over."""
    passages_told: int
    tip_id: int
    """The passage at which the story ends, as it was agreed on."""
    candidates: tuple[int, ...]
    """The passages that are voted on."""
    deadline: int | None
    message_id: int | None
    """The message with the controls."""
    shown_turn: int
    """The turn that this message shows."""
    begun_at: int
    ended_at: int | None
    members: tuple[Member, ...] = ()
    """In the order of their seats."""
    cast: tuple[Vote, ...] = ()
    """The votes of the vote that is open, the first one first."""

    @property
    def member_ids(self) -> tuple[int, ...]:
        """The members, as they came."""
        return tuple(member.user_id for member in self.members)

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.phase is not Phase.ENDED


CIRCLE_COLUMNS = tuple(field.name for field in fields(Circle) if field.name not in {"members", "cast"})


def read_circle(row: sqlite3.Row, members: Iterable[sqlite3.Row], votes: Iterable[sqlite3.Row]) -> Circle:
    """Give a row of ``circles`` with its rows of ``circle_members`` and ``circle_votes`` as data."""
    columns: dict[str, Any] = {name: row[name] for name in CIRCLE_COLUMNS}
    columns |= {"turn_order": TurnOrder(row["turn_order"]), "bot_part": BotPart(row["bot_part"])}
    columns |= {"phase": Phase(row["phase"]), "votes": bool(row["votes"])}
    columns["candidates"] = tuple(json.loads(row["candidates"]))
    return Circle(
        **columns,
        members=tuple(Member(user_id=member["user_id"], seat=member["seat"]) for member in members),
        cast=tuple(Vote(user_id=vote["user_id"], passage_id=vote["passage_id"]) for vote in votes),
    )


def circle_fields(circle: Circle) -> dict[str, object]:
    """Give a circle as the columns of its row."""
    columns: dict[str, object] = {name: getattr(circle, name) for name in CIRCLE_COLUMNS}
    columns |= {"turn_order": circle.turn_order.value, "bot_part": circle.bot_part.value, "phase": circle.phase.value}
    return columns | {"votes": int(circle.votes), "candidates": json.dumps(circle.candidates)}

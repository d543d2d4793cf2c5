"""How long those who wait will wait: the queue played through with what was observed. Plain numbers, no clock.

Every free row takes whoever is next, as in the engine. How long a story becomes is not known, so the game is
played several times, each time with other lengths out of those that were seen; the mean counts. They come
in pairs: the second has the luck of the first turned round, so that fewer games will do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace
from operator import add
from random import Random

from storygen.engines.story_lengths import StoryLengths

PAIRS = 12
"""How many pairs of games are played, where few wait."""
MOVES = 500
"""Where many wait, fewer pairs are played, so that each game of all pairs together has about so many stories."""
_ALMOST_1 = 1.0 - 2**-53


@dataclass(frozen=True, slots=True)
class Ask:
    """What one story may take up: tokens that it has, tokens that it may have, and seconds that it may yet last."""

    limit: int
    seconds_left: float
    written: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One worker as the forecast sees it."""

    rows: int
    """Stories that it writes at the same time."""
    step_seconds: float
    """Of a step with all rows taken, for while somebody waits they are."""
    begin_seconds: float
    """In which it reads the prompt of one story and all others stand still."""
    running: Sequence[Ask]


def expected_waits(desks: Sequence[Desk], waiting: Sequence[Ask], lengths: StoryLengths) -> list[float]:
    """Give the seconds that each of ``waiting`` will probably wait, in the order in which they are served.

    Raises ValueError where no desk has a row.
    """
    if not sum(desk.rows for desk in desks):
        raise ValueError("nobody writes, so nobody's turn comes")
    stories = len(waiting) + sum(len(desk.running) for desk in desks)
    pairs = min(max(MOVES // max(stories, 1), 1), PAIRS)
    token_seconds = [_token_seconds(desk, [*desk.running, *waiting[: desk.rows]], lengths) for desk in desks]
    random = Random(0)  # noqa: S311 - nothing to guess, and the same question gets the same answer
    total = [0.0] * len(waiting)
    for _ in range(pairs):
        lucks = [random.random() for _ in range(stories)]
        for each in (lucks, [_ALMOST_1 - luck * _ALMOST_1 for luck in lucks]):
            played = _play(desks, token_seconds, waiting, lengths, iter(each))
            total = list(map(add, total, played))
    return [wait / (2 * pairs) for wait in total]


def _play(
    desks: Sequence[Desk],
    token_seconds: Sequence[float],
    waiting: Sequence[Ask],
    lengths: StoryLengths,
    lucks: Iterator[float],
) -> list[float]:
    """Play the queue through once; every story takes one of ``lucks`` (0 to 1)."""
    free: list[tuple[float, int]] = []  # when each row is free again, and whose it is
    for number, desk in enumerate(desks):
        for ask in desk.running:
            more = lengths.length(written=ask.written, limit=ask.limit, luck=next(lucks)) - ask.written
            free.append((max(min(more * token_seconds[number], ask.seconds_left), 0.0), number))
        free += [(0.0, number)] * (desk.rows - len(desk.running))
    heapify(free)
    waits = []
    for ask in waiting:
        turn, number = free[0]
        waits.append(turn)
        if turn < ask.seconds_left:  # else its time is over before its turn comes
            end = turn + lengths.whole(limit=ask.limit, luck=next(lucks)) * token_seconds[number]
            heapreplace(free, (min(end, ask.seconds_left), number))
    return waits


def _token_seconds(desk: Desk, some: Sequence[Ask], lengths: StoryLengths) -> float:
    """Give the seconds that a token takes, with the halts in which other rows' prompts are read."""
    usual = [lengths.whole(limit=ask.limit, luck=0.5) for ask in some]
    return desk.step_seconds + desk.begin_seconds * desk.rows * len(usual) / max(sum(usual), 1.0)

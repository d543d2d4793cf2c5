"""Who is next."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from storygen.engines.scheduler import Scheduler
from storygen.errors import QueueFull


def test_first_come_first_served() -> None:
    line: Scheduler[str] = Scheduler(3)
    assert [line.add(name) for name in "abc"] == [1, 2, 3]
    assert [line.next(), line.next(), line.next(), line.next()] == ["a", "b", "c", None]


def test_a_full_line_takes_nobody_until_one_has_left() -> None:
    line: Scheduler[str] = Scheduler(1)
    line.add("a")
    with pytest.raises(QueueFull) as raised:
        line.add("b")
    assert raised.value.limit == 1
    line.next()
    assert line.add("b") == 1


def test_whoever_stands_behind_moves_up_when_one_leaves() -> None:
    line: Scheduler[str] = Scheduler(5)
    for name in "abcd":
        line.add(name)
    assert line.discard("b")
    assert not line.discard("b")
    assert line.places() == [("a", 1), ("c", 2), ("d", 3)]


def test_clearing_gives_back_everyone_in_order() -> None:
    line: Scheduler[str] = Scheduler(5)
    for name in "abc":
        line.add(name)
    assert line.clear() == ["a", "b", "c"]
    assert len(line) == 0


class LikeAList(RuleBasedStateMachine):
    """Whatever is done to a line, it equals a plain list on which the same is done."""

    def __init__(self) -> None:
        super().__init__()
        self.line: Scheduler[int] = Scheduler(4)
        self.model: list[int] = []
        self.count = 0

    @rule()
    def add(self) -> None:
        self.count += 1
        if len(self.model) == 4:
            with pytest.raises(QueueFull):
                self.line.add(self.count)
        else:
            self.model.append(self.count)
            assert self.line.add(self.count) == len(self.model)

    @rule()
    def take(self) -> None:
        assert self.line.next() == (self.model.pop(0) if self.model else None)

    @rule(item=st.integers(1, 12))
    def discard(self, item: int) -> None:
        assert self.line.discard(item) == (item in self.model)
        self.model = [each for each in self.model if each != item]

    @invariant()
    def places_are_counted_from_one(self) -> None:
        assert self.line.places() == [(item, place) for place, item in enumerate(self.model, start=1)]
        assert len(self.line) == len(self.model)


TestLikeAList = LikeAList.TestCase

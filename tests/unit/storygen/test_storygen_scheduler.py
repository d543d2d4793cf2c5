"""Who is next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from storygen.engines.scheduler import Scheduler
from storygen.errors import QueueFull, ShareFull

Request = tuple[str, str, int]
"""Group, user, and a number."""

REQUESTS = st.lists(st.tuples(st.sampled_from("GH"), st.sampled_from("abcd")), max_size=40)


def line_of(requests: list[tuple[str, str]], limit: int = 1000) -> Scheduler[Request]:
    line: Scheduler[Request] = Scheduler(limit)
    for number, (group, user) in enumerate(requests):
        line.add((group, user, number), user=user, group=group)
    return line


def served(line: Scheduler[Request]) -> list[Request]:
    order = []
    while (item := line.next()) is not None:
        order.append(item)
    return order


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


def test_people_take_turns_however_much_one_of_them_asks_for() -> None:
    line = line_of([("G", "hog")] * 4 + [("G", "ann"), ("G", "bob"), ("G", "ann")])
    assert [user for _, user, _ in served(line)] == ["hog", "ann", "bob", "hog", "ann", "hog", "hog"]


def test_groups_take_turns_however_many_people_they_have() -> None:
    line = line_of([("big", "a"), ("big", "b"), ("big", "c"), ("small", "d"), ("small", "d")])
    assert [user for _, user, _ in served(line)] == ["a", "d", "b", "d", "c"]


def test_whoever_was_just_served_and_asks_again_goes_behind_the_others() -> None:
    line = line_of([("G", "ann"), ("G", "bob")])
    assert line.next() == ("G", "ann", 0)
    assert line.add(("G", "ann", 2), user="ann", group="G") == 2


def test_a_group_may_fill_no_more_than_its_share_and_others_still_have_room() -> None:
    line: Scheduler[int] = Scheduler(10, share=0.3)
    for number in range(3):
        line.add(number, group="G", user=number)
    with pytest.raises(ShareFull) as raised:
        line.add(3, group="G", user=3)
    assert raised.value.limit == 3
    line.add(4, group="H")
    line.next()
    line.add(3, group="G", user=3)


@given(REQUESTS)
def test_one_persons_requests_are_served_in_the_order_in_which_they_came(requests: list[tuple[str, str]]) -> None:
    by_person: dict[tuple[str, str], list[int]] = defaultdict(list)
    for group, user, number in served(line_of(requests)):
        by_person[group, user].append(number)
    assert all(numbers == sorted(numbers) for numbers in by_person.values())


@given(REQUESTS)
def test_everyone_is_served_once_at_the_place_that_was_told(requests: list[tuple[str, str]]) -> None:
    line = line_of(requests)
    told = dict(line.places())
    order = served(line)
    assert told == {item: place for place, item in enumerate(order, start=1)}
    assert sorted(order) == sorted((group, user, number) for number, (group, user) in enumerate(requests))


@given(REQUESTS)
def test_the_place_at_joining_is_the_one_in_the_list(requests: list[tuple[str, str]]) -> None:
    line: Scheduler[int] = Scheduler(100)
    for number, (group, user) in enumerate(requests):
        place = line.add(number, user=user, group=group)
        assert (number, place) in line.places()
        if number % 3 == 2:
            line.next()


@given(asks=st.lists(st.lists(st.sampled_from("abcdef"), max_size=5), max_size=30), me=st.integers(0, 29))
def test_nobody_waits_for_more_turns_than_other_people_wait(asks: list[list[str]], me: int) -> None:
    """In one group, whatever the others ask for before and after: each of them has at most one turn before mine."""
    line: Scheduler[Hashable] = Scheduler(1000)
    others: set[str] = set()
    turns: int | None = None
    for moment, users in enumerate(asks):
        for number, user in enumerate(users):
            line.add((moment, number), user=user)
            others.add(user)
        if moment == me:
            turns = 0
            line.add("mine", user="me")
        taken = line.next()
        if turns is not None:
            if taken == "mine":
                return
            turns += 1
            assert turns <= len(others)


@given(REQUESTS.filter(bool))
def test_nobody_waits_for_more_turns_than_people_in_the_group_times_groups(requests: list[tuple[str, str]]) -> None:
    first: dict[tuple[str, str], int] = {}
    for turn, (group, user, _) in enumerate(served(line_of(requests)), start=1):
        first.setdefault((group, user), turn)
    groups = {group for group, _ in first}
    for (group, _), turn in first.items():
        assert turn <= len(groups) * len([other for other, _ in first if other == group])


@given(hog=st.integers(0, 200), others=st.integers(1, 10), hog_first=st.booleans())
def test_how_much_one_person_asks_for_is_nothing_to_the_others(hog: int, others: int, *, hog_first: bool) -> None:
    hogging, asking = [("G", "hog")] * hog, [("G", f"user {number}") for number in range(others)]
    order = served(line_of(hogging + asking if hog_first else asking + hogging))
    turns = [turn for turn, (_, user, _) in enumerate(order, start=1) if user != "hog"]
    ahead = 1 if hog and hog_first else 0
    assert turns == [number + 1 + ahead for number in range(others)]


class LikeRings(RuleBasedStateMachine):
    """Whatever is done to a line, it equals plain lists of lists on which the same is done."""

    def __init__(self) -> None:
        super().__init__()
        self.line: Scheduler[int] = Scheduler(9, share=0.7)
        self.rings: list[tuple[str, list[tuple[str, list[int]]]]] = []
        self.count = 0

    def everyone(self) -> list[int]:
        return [item for _, users in self.rings for _, items in users for item in items]

    @rule(group=st.sampled_from("GH"), user=st.sampled_from("abc"))
    def add(self, group: str, user: str) -> None:
        self.count += 1
        users = dict(self.rings).get(group, [])
        if len(self.everyone()) == 9 or sum(len(items) for _, items in users) == 6:
            with pytest.raises(QueueFull):
                self.line.add(self.count, user=user, group=group)
            return
        self.line.add(self.count, user=user, group=group)
        if group not in dict(self.rings):
            self.rings.append((group, users))
        if user not in dict(users):
            users.append((user, []))
        dict(users)[user].append(self.count)

    @rule()
    def take(self) -> None:
        if not self.rings:
            assert self.line.next() is None
            return
        group, users = self.rings.pop(0)
        user, items = users.pop(0)
        assert self.line.next() == items.pop(0)
        if items:
            users.append((user, items))
        if users:
            self.rings.append((group, users))

    @rule(item=st.integers(1, 30))
    def discard(self, item: int) -> None:
        assert self.line.discard(item) == (item in self.everyone())
        rings = [
            (group, [(user, left) for user, items in users if (left := [each for each in items if each != item])])
            for group, users in self.rings
        ]
        self.rings = [(group, users) for group, users in rings if users]

    @invariant()
    def all_are_there_and_places_are_counted_from_one(self) -> None:
        assert sorted(item for item, _ in self.line.places()) == sorted(self.everyone())
        assert [place for _, place in self.line.places()] == list(range(1, len(self.line) + 1))


TestLikeRings = LikeRings.TestCase

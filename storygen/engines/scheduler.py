"""Who is next: a bounded line in which groups take turns, and in a group its users.

A turn is one story. Groups have equal shares however many people they are; in a group, people have equal
shares however much each of them asks for; the requests of one person are served in the order in which they
came. It is round robin on two levels (Nagle 1987, RFC 970), in which whoever comes joins the end of the ring.
So a person's first request waits for at most (users that wait in their group) times (groups that wait) turns.

Plain data without a lock: its owner calls it under one. All but ``places`` and ``clear`` take the same time
however many wait, save for the place that ``add`` gives, which takes a look at each user and group.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

from storygen.errors import QueueFull, ShareFull

T = TypeVar("T", bound=Hashable)
_Line = OrderedDict[T, None]  # one user's requests; a dict, so that one can leave from the middle


class _Group(Generic[T]):
    """The users of one group, each with a line, in the order in which they take turns."""

    def __init__(self) -> None:
        self.lines: OrderedDict[Hashable, _Line[T]] = OrderedDict()
        self.size = 0

    def add(self, item: T, user: Hashable) -> int:
        """Put one at the end of its user's line; give how many of the group are served before it."""
        line = self.lines.setdefault(user, OrderedDict())
        ahead = _ahead({each: len(line) for each, line in self.lines.items()}, user, len(line))
        line[item] = None
        self.size += 1
        return ahead

    def discard(self, item: T, user: Hashable) -> None:
        line = self.lines[user]
        del line[item]
        self.size -= 1
        if not line:
            del self.lines[user]


class Scheduler(Generic[T]):
    """The requests that wait: at most ``limit``, of which one group may fill ``share`` (0 to 1), at least one."""

    def __init__(self, limit: int, *, share: float = 1.0) -> None:
        self._limit = limit
        self._group_limit = max(1, int(limit * share))
        self._groups: OrderedDict[Hashable, _Group[T]] = OrderedDict()
        self._keys: dict[T, tuple[Hashable, Hashable]] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, item: T, *, user: Hashable = None, group: Hashable = None) -> int:
        """Take one in and give its place (1 is next). Raises QueueFull, or ShareFull for the group's part."""
        if len(self._keys) >= self._limit:
            raise QueueFull(self._limit)
        if group in self._groups and self._groups[group].size >= self._group_limit:
            raise ShareFull(self._group_limit)
        line = self._groups.setdefault(group, _Group())
        ahead_in_group = line.add(item, user)
        self._keys[item] = (group, user)
        return _ahead({key: each.size for key, each in self._groups.items()}, group, ahead_in_group) + 1

    def next(self) -> T | None:
        """Take out who is next, or None; their user and their group then go to the end of their rings."""
        if not self._groups:
            return None
        group, members = next(iter(self._groups.items()))
        user, line = next(iter(members.lines.items()))
        item = next(iter(line))
        self.discard(item)
        if user in members.lines:
            members.lines.move_to_end(user)
        if group in self._groups:
            self._groups.move_to_end(group)
        return item

    def discard(self, item: T) -> bool:
        """Take one out wherever it stands; say whether it was there."""
        if item not in self._keys:
            return False
        group, user = self._keys.pop(item)
        members = self._groups[group]
        members.discard(item, user)
        if not members.size:
            del self._groups[group]
        return True

    def in_order(self) -> list[T]:
        """Give everyone in the order in which they are served if nobody comes or leaves."""
        return list(_round_robin(_round_robin(group.lines.values()) for group in self._groups.values()))

    def places(self) -> list[tuple[T, int]]:
        """Give everyone with their place, who is next first."""
        return [(item, place) for place, item in enumerate(self.in_order(), start=1)]

    def clear(self) -> list[T]:
        """Take everyone out."""
        everyone = self.in_order()
        self._groups.clear()
        self._keys.clear()
        return everyone


def _ahead(sizes: dict[Hashable, int], own: Hashable, ahead_of_own: int) -> int:
    """Count who is served before one with ``ahead_of_own`` before it in its own line.

    ``sizes`` are the lengths of all lines in their order: those before the own have one turn more.
    """
    ahead, turns = ahead_of_own, ahead_of_own + 1
    for key, size in sizes.items():
        if key == own:
            turns -= 1
        else:
            ahead += min(size, turns)
    return ahead


def _round_robin(lines: Iterable[Iterable[T]]) -> Iterator[T]:
    """Give the first of each line, then the second of each, and so on."""
    waiting = deque(iter(line) for line in lines)
    while waiting:
        line = waiting.popleft()
        for item in line:
            yield item
            waiting.append(line)
            break

"""Which part of the servers this process serves: what the operator says about shards, read and checked.

Discord spreads servers over shards by their ids: ``(guild_id >> 22) % shards`` (gateway docs, "Sharding").
"""

from __future__ import annotations

import re
from dataclasses import dataclass

IDS_PATTERN = r"^(\d+(\s*-\s*\d+)?(\s*,\s*\d+(\s*-\s*\d+)?)*)?$"
"""``0,1``, ``0-3``, both together, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shards:
    """The shards of this process, of so many in all; both None where Discord is asked how many there should be."""

    ids: tuple[int, ...] | None = None
    count: int | None = None

    @property
    def first(self) -> int:
        """The lowest of them, which stands for the process."""
        return min(self.ids or (0,))

    @property
    def leads(self) -> bool:
        """Whether this process does what is done once for all processes. It is the one with shard 0."""
        return self.first == 0

    @property
    def known(self) -> tuple[int, ...]:
        """The ids as far as they are known before Discord is asked."""
        return self.ids or tuple(range(self.count or 1))


def read_shards(ids: str, count: int) -> Shards:
    """Read SHARD_IDS, which fits the pattern, and SHARD_COUNT, which may be 0 for "ask Discord".

    Raises ValueError with a sentence for the operator.
    """
    if not ids:
        return Shards(count=count or None)
    if not count:
        raise ValueError("SHARD_IDS needs SHARD_COUNT, the number of shards of all processes together")
    found: list[int] = []
    for part in ids.split(","):
        begin, end = _ends(part)
        if begin > end:
            raise ValueError(f"SHARD_IDS goes backwards from {begin} to {end}")
        if end >= count:
            raise ValueError(f"SHARD_IDS names shard {end}, but with SHARD_COUNT={count} the last one is {count - 1}")
        found += range(begin, end + 1)
    if len(set(found)) < len(found):
        twice = next(shard for shard in found if found.count(shard) > 1)
        raise ValueError(f"SHARD_IDS names shard {twice} twice")
    return Shards(ids=tuple(sorted(found)), count=count)


def _ends(part: str) -> tuple[int, int]:
    numbers = [int(number) for number in re.findall(r"\d+", part)]
    return numbers[0], numbers[-1]

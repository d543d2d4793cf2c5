"""How long those who wait for a remote server will probably wait: learned from the stories that have ended."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from storygen.engines.forecast import Ask, Desk, expected_waits
from storygen.engines.remote.telling import RemoteTelling
from storygen.engines.story_lengths import StoryLengths
from storygen.story import FinishReason, Story

MEMORY = 0.9
"""What is left of an observation after one more story: about the last ten count."""


class WaitingTimes:
    """All servers together are one desk with ``at_once`` rows; the seconds of a token hold whatever goes before it."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lengths = StoryLengths()
        self._seconds = self._tokens = 0.0

    def observe(self, story: Story) -> None:
        """Note a story that was written."""
        if not story.new_tokens:
            return
        self._lengths.observe(story.new_tokens, ended=story.finish_reason is FinishReason.EOS)
        self._seconds = self._seconds * MEMORY + story.writing_seconds
        self._tokens = self._tokens * MEMORY + story.new_tokens

    def waits(self, running: Collection[RemoteTelling], waiting: Sequence[RemoteTelling]) -> list[float | None]:
        """Give the seconds for each of ``waiting``, who are in order, and for one that came now; None before it can."""
        if not self._tokens:
            return [None] * (len(waiting) + 1)
        if not waiting and len(running) < self._at_once:
            return [0.0]
        now = time.monotonic()
        desk = Desk(
            rows=self._at_once,
            step_seconds=self._seconds / self._tokens,
            begin_seconds=0.0,
            running=[_ask(telling, now) for telling in running],
        )
        newcomer = Ask(limit=1, seconds_left=float("inf"))
        return [*expected_waits([desk], [*(_ask(telling, now) for telling in waiting), newcomer], self._lengths)]


def _ask(telling: RemoteTelling, now: float) -> Ask:
    return Ask(
        limit=max(telling.request.options.max_new_tokens, telling.new_tokens),  # more where it finishes a sentence
        seconds_left=telling.deadline - now,
        written=telling.new_tokens,
    )

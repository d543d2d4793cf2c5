"""What everyone who waits is to know: their place and how long they will probably wait. On the event loop only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from storygen.engines.forecast import Ask, expected_waits
from storygen.engines.place_teller import News
from storygen.engines.story_lengths import StoryLengths
from storygen.engines.submission import Submission
from storygen.engines.waiting_line import WaitingLine
from storygen.engines.worker import Worker
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason, Story, StoryRequest, Wanted

_ONE_MORE = Ask(SamplingOptions().max_new_tokens, math.inf)


class Outlook:
    """Looks along the line and at the workers, and learns from the stories that end."""

    def __init__(self, line: WaitingLine, workers: Sequence[Worker]) -> None:
        self._line = line
        self._workers = workers
        self._lengths = StoryLengths(assume_usual=True)
        self._behind_all: float | None = None

    def look(self) -> list[News]:
        """Give everyone who waits with their place and the seconds until their turn, None where not known."""
        everyone = self._line.in_order()
        waits = self._waits(everyone)
        self._behind_all = waits[-1]
        return [
            (submission, place, seconds)
            for place, (submission, seconds) in enumerate(zip(everyone, waits, strict=False), start=1)
        ]

    def behind_all(self) -> float | None:
        """Give the seconds that one who came now would probably wait behind all others."""
        if not len(self._line):
            self._behind_all = self._waits([])[-1]
        return self._behind_all  # where somebody waits, a look is never long ago

    def learn(self, asked: StoryRequest, story: Story) -> None:
        """Take note of how long a story became; a title says nothing about that."""
        if asked.wants is Wanted.TITLE:
            return
        cut = story.finish_reason is not FinishReason.EOS
        if story.finish_reason is FinishReason.LENGTH:
            # Shorter than it was allowed to be, it has used up the model's positions: that is an end too.
            cut = story.new_tokens >= asked.options.max_new_tokens
        if story.new_tokens or not cut:
            self._lengths.observe(story.new_tokens, ended=not cut)

    def _waits(self, everyone: list[Submission]) -> list[float] | list[None]:
        """Give the seconds until the turn of each, and last of one more."""
        desks = [desk for desk in (worker.desk() for worker in self._workers) if desk is not None]
        if not desks or self._line.paused:
            return [None] * (len(everyone) + 1)
        return expected_waits(desks, [*map(_ask, everyone), _ONE_MORE], self._lengths)


def _ask(submission: Submission) -> Ask:
    return Ask(submission.request.options.max_new_tokens, submission.seconds_left)

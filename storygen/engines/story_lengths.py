"""How long stories become: learned from those that ended, so that waiting times need not assume the longest."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import accumulate

SPAN = 16
"""Tokens in one stretch; within it, a story is taken to be equally likely to end at each token."""
STRETCHES = 64
"""Beyond these, the last stretch goes on for ever."""
STEPS = 64
"""In so many steps ``whole`` looks at luck."""
MEMORY = 0.99
"""What is left of an observation after one more story: about the last hundred count."""
DOUBT = 2.0 * SPAN
"""So many tokens with the usual number of ends each stretch is taken to have seen besides its own."""
OPENING = 3
"""So many stretches hardly any story ends in, as far as nothing else was seen."""
TOKENS_TO_AN_END = 170.0
"""After those, one end in so many tokens is usual; one story's worth of tokens says otherwise as loudly.

Together they make a story of 218 tokens. The built-in model's had 170 with a prompt of some words and 253 without.
"""


class StoryLengths:
    """The chance of ending, by tokens written: ends divided by tokens written, in each stretch.

    A story that was cut off, by its limit or by somebody, counts with the tokens that it had and without an
    end (the piecewise exponential estimate for censored durations; Friedman 1982, Annals of Statistics 10).
    """

    def __init__(self, *, assume_usual: bool = False) -> None:
        """Begin without any story; ``assume_usual`` takes it that they end like others do, else that none ever ends."""
        self._assume_usual = assume_usual
        self._ends = [0.0] * STRETCHES
        self._tokens = [0.0] * STRETCHES
        self._hazard: list[float] = []  # added up to the beginning of each stretch
        self._whole: list[float] = []  # the length of a whole story for each step of luck
        self._add_up()

    def observe(self, tokens: int, *, ended: bool) -> None:
        """Note a story of ``tokens``; ``ended`` says that it came to its own end and was not cut off."""
        last = min(tokens // SPAN, STRETCHES - 1)
        self._ends = [each * MEMORY for each in self._ends]
        self._tokens = [each * MEMORY for each in self._tokens]
        for stretch in range(last):
            self._tokens[stretch] += SPAN
        self._tokens[last] += tokens - last * SPAN + 1  # the end token is drawn too
        self._ends[last] += ended
        self._add_up()

    def length(self, *, written: int, limit: int, luck: float) -> float:
        """Give a length in tokens, from ``written`` up to ``limit``, for a story that has ``written`` already.

        Of all such stories, the part ``luck`` (0 to 1, 1 excluded) is no longer than this.
        """
        if luck <= 0.0:
            return written
        return min(max(self._end(self._hazard_at(written) - math.log1p(-luck)), written), limit)

    def whole(self, *, limit: int, luck: float) -> float:
        """Give what ``length`` gives for a story that has not begun, in steps of luck and much faster."""
        return min(self._whole[int(luck * STEPS)], limit)

    def _end(self, hazard: float) -> float:
        """Give the number of tokens at which so much hazard has added up; infinite where it never does."""
        stretch = bisect_left(self._hazard, hazard) - 1  # the last that begins with less
        rate = self._rate(stretch)
        return stretch * SPAN + (hazard - self._hazard[stretch]) / rate if rate > 0.0 else math.inf

    def _add_up(self) -> None:
        assumed = (1.0, TOKENS_TO_AN_END) if self._assume_usual else (0.0, DOUBT)
        self._usual_rate = (sum(self._ends) + assumed[0]) / (sum(self._tokens) + assumed[1])
        self._hazard = [0.0, *accumulate(self._rate(stretch) * SPAN for stretch in range(STRETCHES - 1))]
        self._whole = [self._end(-math.log1p(-(step + 0.5) / STEPS)) for step in range(STEPS)]

    def _rate(self, stretch: int) -> float:
        usual = 0.0 if self._assume_usual and stretch < OPENING else self._usual_rate
        return (self._ends[stretch] + DOUBT * usual) / (self._tokens[stretch] + DOUBT)

    def _hazard_at(self, tokens: int) -> float:
        stretch = min(tokens // SPAN, STRETCHES - 1)
        return self._hazard[stretch] + (tokens - stretch * SPAN) * self._rate(stretch)

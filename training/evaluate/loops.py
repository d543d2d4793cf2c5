"""Stories that go round in circles."""

from __future__ import annotations

from storygen.loops import SHORT_RUN, goes_in_circles
from training.evaluate.running_words import runs, words_of


def is_loop(text: str) -> bool:
    """Say whether a story goes in circles, by the signs for which the bot has a passage written again."""
    return goes_in_circles(text)


def repeated_share(text: str) -> float:
    """Give the share of runs of four words that came before in the text: seq-rep-4.

    Welleck et al. 2020 (arXiv:1908.04319).
    """
    found = list(runs(words_of(text), SHORT_RUN))
    return 1 - len(set(found)) / len(found) if found else 0.0

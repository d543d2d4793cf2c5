"""How varied stories are: distinct-n and self-BLEU."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from training.evaluate.running_words import runs, words_of

LONGEST = 4
_NO_MATCH = 0.1

Run = tuple[str, ...]


def distinct(texts: Sequence[str], length: int) -> float:
    """Give the share of different runs of ``length`` words among all (Li et al. 2016, arXiv:1510.03055).

    It falls with the amount of text: compare equal amounts only.
    """
    found = [run for text in texts for run in runs(words_of(text), length)]
    return len(set(found)) / len(found) if found else 0.0


def self_bleu(texts: Sequence[str], longest: int = LONGEST) -> float:
    """Give the mean BLEU of each text with all others as references: 1 where all are alike.

    Zhu et al. 2018 (Texygen, arXiv:1802.01886). BLEU as in Papineni et al. 2002 with runs of up to ``longest`` words;
    where a text shares no run of a length, 0.1 counts as shared (Chen and Cherry 2014, method 1).
    It grows with the number of texts. One text has none: 0.
    """
    words = [words for text in texts if (words := words_of(text))]
    if len(words) < 2:  # noqa: PLR2004 - nothing to compare with
        return 0.0
    logs = [0.0] * len(words)
    for length in range(1, longest + 1):
        counted = [Counter(runs(each, length)) for each in words]
        for number, precision in enumerate(_precisions(counted)):
            logs[number] += math.log(precision) / longest
    lengths = [len(each) for each in words]
    scores = [
        _brevity(length, lengths[:number] + lengths[number + 1 :]) * math.exp(log)
        for number, (length, log) in enumerate(zip(lengths, logs, strict=True))
    ]
    return sum(scores) / len(scores)


def _precisions(counted: Sequence[Counter[Run]]) -> list[float]:
    """Give for each text the share of its runs that another text has, each at most as often as one of them has it."""
    most: dict[Run, tuple[int, int, int]] = {}
    for number, runs_of_one in enumerate(counted):
        for run, count in runs_of_one.items():
            first, owner, second = most.get(run, (0, -1, 0))
            most[run] = (count, number, first) if count > first else (first, owner, max(second, count))
    return [_precision(number, runs_of_one, most) for number, runs_of_one in enumerate(counted)]


def _precision(number: int, counted: Counter[Run], most: dict[Run, tuple[int, int, int]]) -> float:
    shared = 0
    for run, count in counted.items():
        first, owner, second = most[run]
        shared += min(count, second if owner == number else first)
    return (shared or _NO_MATCH) / max(1, counted.total())


def _brevity(length: int, others: Sequence[int]) -> float:
    closest = min(others, key=lambda other: (abs(other - length), other))
    return 1.0 if length > closest else math.exp(1 - closest / length)

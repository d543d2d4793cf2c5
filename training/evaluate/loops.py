"""Stories that go round in circles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from training.evaluate.running_words import runs, words_of

LONG_RUN = 8
"""Words; a story in which a run of so many comes twice is a loop."""
SHORT_RUN = 4
OFTEN = 4
"""A story in which a run of ``SHORT_RUN`` words comes so often is a loop."""
IN_A_ROW = 3
"""A phrase of two to eight words that comes so often in immediate succession is a loop, as is a word once more."""

_STUCK_LETTER = re.compile(r"([^\W\d_])\1{4}")


def is_loop(text: str) -> bool:
    """Say whether a story repeats itself as a person seldom does: any of the four signs above, or a letter five times.

    The phrase in succession follows Holtzman et al. 2020 (arXiv:1904.09751), who count a phrase of at least two words
    that stands three times at the end; here it may stand anywhere. The other limits are ours: human plots of the same
    length, measured beside, show what they catch wrongly.
    """
    words = words_of(text)
    return (
        _most_often(words, LONG_RUN) > 1
        or _most_often(words, SHORT_RUN) >= OFTEN
        or _in_succession(words)
        or _STUCK_LETTER.search(text.casefold()) is not None
    )


def repeated_share(text: str) -> float:
    """Give the share of runs of four words that came before in the text: seq-rep-4.

    Welleck et al. 2020 (arXiv:1908.04319).
    """
    found = list(runs(words_of(text), SHORT_RUN))
    return 1 - len(set(found)) / len(found) if found else 0.0


def _most_often(words: Sequence[str], length: int) -> int:
    return max(Counter(runs(words, length)).values(), default=0)


def _in_succession(words: Sequence[str]) -> bool:
    return any(_comes_again(words, length, IN_A_ROW + (length == 1)) for length in range(1, LONG_RUN + 1))


def _comes_again(words: Sequence[str], length: int, times: int) -> bool:
    """Say whether ``times`` equal phrases of ``length`` words stand one behind the other."""
    needed, equal = length * (times - 1), 0
    for place in range(length, len(words)):
        equal = equal + 1 if words[place] == words[place - length] else 0
        if equal >= needed:
            return True
    return False

"""Text that goes round in circles: whether it does, and what stands before. Plain functions on text.

The limits were chosen by what people write: of 501 human film plots, cut after 200 words, none shows any of the signs,
nor does any of the 267 longer ones in its second 200 words, with the first as what stands before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from storygen.polish import sentence_ends

LONG_RUN = 8
"""Words; a text in which a run of so many comes twice goes in circles. People repeat names and phrases, not clauses."""
SHORT_RUN = 4
OFTEN = 4
"""A text in which a run of ``SHORT_RUN`` words comes so often goes in circles."""
IN_A_ROW = 3
"""A phrase of one to eight words that comes so often in immediate succession is a circle; a single word once more.

After Holtzman et al. 2020 (arXiv:1904.09751), who count a phrase of at least two words that stands three times at the
end; here it may stand anywhere. The other limits are ours.
"""

_WORD = re.compile(r"\w+(?:['\u2019]\w+)*")
_STUCK_LETTER = re.compile(r"([^\W\d_])\1{4}", re.IGNORECASE)


def goes_in_circles(text: str, before: str = "") -> bool:
    """Say whether a text repeats itself as a person seldom does: any of the signs above, or a letter five times.

    ``before`` is what it goes on from: a long run of that which comes again is a circle too.
    """
    return circle_begins(text, before) is not None


def circle_begins(text: str, before: str = "") -> int | None:
    """Give the place in ``text`` from which on it only repeats; None where it does not go in circles."""
    found = list(_WORD.finditer(text))
    words = [match[0].casefold() for match in found]
    begins = [found[number].start() for number in _first_words_of_circles(words, _words(before))]
    if stuck := _STUCK_LETTER.search(text):
        begins.append(stuck.start())
    return min(begins, default=None)


def before_circles(text: str, before: str = "") -> str:
    """Give the whole sentences that stand before a text begins to go in circles; all of one that does not."""
    begins = circle_begins(text, before)
    if begins is None:
        return text
    kept = text[: max((end for end in sentence_ends(text[:begins])), default=0)]
    return kept.rstrip()


def _first_words_of_circles(words: Sequence[str], before: Sequence[str]) -> list[int]:
    """Give the first word of what shows each sign first; so nothing before the earliest shows any."""
    found = []
    seen = set(_runs(before, LONG_RUN))
    for number, run in enumerate(_runs(words, LONG_RUN)):
        if run in seen:
            found.append(number)
            break
        seen.add(run)
    counts: Counter[tuple[str, ...]] = Counter()
    for number, run in enumerate(_runs(words, SHORT_RUN)):
        counts[run] += 1
        if counts[run] == OFTEN:
            found.append(number)
            break
    for length in range(1, LONG_RUN + 1):
        times = IN_A_ROW + (length == 1)
        if (last := _comes_again(words, length, times)) is not None:
            found.append(last - length * (times - 1) + 1)
    return found


def _comes_again(words: Sequence[str], length: int, times: int) -> int | None:
    """Give the last word of the first ``times`` equal phrases of ``length`` words one behind the other."""
    needed, equal = length * (times - 1), 0
    for place in range(length, len(words)):
        equal = equal + 1 if words[place] == words[place - length] else 0
        if equal >= needed:
            return place
    return None


def _runs(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + length]) for start in range(len(words) - length + 1)]


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]

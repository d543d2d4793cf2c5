"""How much of a prompt the model reads: all of it where it fits, else its end, from a sentence on. No tensors."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from storygen.polish import sentence_ends
from storygen.prompt import as_facts, with_memory

Encode = Callable[[str], list[int]]
"""Gives the token ids of a whole model input that ends with this text (``""`` gives the genre's opening alone)."""

_LEAST_PROMPT_SHARE = 4  # a quarter of the positions
_GREATEST_MEMORY_SHARE = 4  # likewise; memory and the least prompt leave half of them to the story
_LONG_TOKEN = 16  # letters; text beyond so many for each token can't fit, so it need not be counted


@dataclass(frozen=True, slots=True)
class PromptWindow:
    """What of a prompt goes into the model, and how much may come out."""

    token_ids: list[int]
    max_new_tokens: int
    """At most what was asked for, and no more than the model has positions left."""
    was_cut: bool
    finishing_tokens: int = 0
    """How many more it may write to finish a sentence."""


def fit_prompt(
    text: str,
    encode: Encode,
    *,
    max_new_tokens: int,
    n_positions: int,
    memory: str = "",
    finishing_tokens: int = 0,
) -> PromptWindow:
    """Fit memory, prompt and new tokens into ``n_positions``.

    Too long a text is cut from the left. New tokens that would leave the prompt less than a quarter
    of the positions are limited instead, where the prompt needs that quarter. ``memory`` stands in front of
    the text, whatever is cut of that; it has at most a quarter itself, and beyond it is cut from the right.
    """
    facts = fit_beginning(as_facts(memory), encode, n_positions // _GREATEST_MEMORY_SHARE)

    def encode_all(text: str) -> list[int]:
        return encode(with_memory(facts, text))

    least = n_positions // _LEAST_PROMPT_SHARE + len(encode_all("")) - len(encode(""))
    room = max(n_positions - max_new_tokens - finishing_tokens, least)
    within_reach = text[-room * _LONG_TOKEN :]
    token_ids = encode_all(within_reach)
    was_cut = len(token_ids) > room or len(within_reach) < len(text)
    if was_cut:
        token_ids = _cut(within_reach, encode_all, room)
    left = n_positions - len(token_ids)
    new = min(max_new_tokens, left)
    return PromptWindow(token_ids, new, was_cut, min(finishing_tokens, left - new))


def fit_beginning(text: str, encode: Encode, limit: int) -> str:
    """Give as many of a text's first sentences as have ``limit`` tokens; else of its first words, perhaps none."""
    opening = len(encode(""))
    within_reach = text[: limit * _LONG_TOKEN]

    def fits(end: int) -> bool:
        return len(encode(text[:end])) - opening <= limit

    if len(within_reach) == len(text) and fits(len(text)):
        return text
    for ends in (list(sentence_ends(within_reach)), [start - 1 for start in _word_starts(within_reach)]):
        first_too_long = bisect_left(ends, True, key=lambda end: not fits(end))  # noqa: FBT003 - a sort key
        for end in reversed(ends[:first_too_long]):
            if fits(end):
                return text[:end].rstrip()
    return ""


def _cut(text: str, encode: Encode, room: int) -> list[int]:
    """Cut at a sentence where that keeps half of the room, else at a word, else anywhere."""
    for starts, least in ((_sentence_starts(text), room // 2), (_word_starts(text), room // 2), (range(len(text)), 0)):
        token_ids = _longest_that_fits(text, starts, encode, room)
        if token_ids is not None and len(token_ids) >= least:
            return token_ids
    return encode("")[:room]


def _longest_that_fits(text: str, starts: Sequence[int], encode: Encode, room: int) -> list[int] | None:
    first = bisect_left(starts, True, key=lambda start: len(encode(text[start:])) <= room)  # noqa: FBT003 - a sort key
    # Fewer letters can be more tokens where a cut splits one, so the first that seems to fit may not.
    for start in starts[first : first + 8]:
        token_ids = encode(text[start:])
        if len(token_ids) <= room:
            return token_ids
    return None


def _sentence_starts(text: str) -> list[int]:
    return [_skip_spaces(text, end) for end in sentence_ends(text)]


def _word_starts(text: str) -> list[int]:
    return [place for place in range(1, len(text)) if text[place - 1].isspace() and not text[place].isspace()]


def _skip_spaces(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place

"""From texts to training sequences: cut long texts into pieces, render them, pack several into one block."""

from __future__ import annotations

import itertools
import random
import re
from array import array
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from storygen.prompt import BOS, EOS, render_prompt, render_title_prompt
from training.works import Work

if TYPE_CHECKING:  # transformers takes seconds to import
    from transformers import PreTrainedTokenizerBase

IGNORED = -100
"""The label that torch's cross entropy leaves out."""

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')]*(?=\s)|(?=\n)")
_MARKS = 4  # room for <BOS>, the genre, <EOS> and, with GPT-2's own tokenizer, a space between them
_SHORTEST_END = 4  # a last piece of less than this part of a block is made longer
_SHORTEST_LATE_START = 3  # sentences that must be left
_LONGEST_TITLE = 80  # letters; longer ones are no titles but descriptions
_NO_TITLE = frozenset({"", "unknown", "untitled"})
_SMALLEST_FILLING = 8  # less room than this part of a block stays padding


class TitlePlace(Enum):
    """Where a work's title stands in its pieces."""

    NONE = "none"
    BEFORE = "before"
    """Before the first piece: the story is told under a title that was given."""
    AFTER = "after"
    """After every piece: a title is found for what was told."""


@dataclass(frozen=True, slots=True)
class Block:
    """Several examples in one sequence of fixed length. Each has positions of its own, counted from 0.

    transformers sees from the positions where an example begins and lets none look into another.
    """

    input_ids: list[int]
    position_ids: list[int]
    labels: list[int]


def sentences(text: str) -> list[str]:
    """Cut a text after its sentences; joined they are the text again."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    starts = [0, *ends]
    parts = [text[start:end] for start, end in zip(starts, [*ends, len(text)], strict=True)]
    return [part for part in parts if part]


def render_pieces(
    work: Work,
    tokenizer: PreTrainedTokenizerBase,
    block: int,
    late_start: random.Random | None = None,
    title_place: TitlePlace = TitlePlace.NONE,
) -> list[str]:
    """Render a work as examples that fit into a block. Every piece begins with the genre, only the last one ends.

    Pieces begin at sentences and are full, but for the last two where the last would be a scrap.
    With ``late_start`` the text first loses a random number of sentences at its beginning.
    """
    parts = sentences(work.text)
    if late_start is not None and len(parts) > _SHORTEST_LATE_START:
        parts = parts[late_start.randrange(1, len(parts) - _SHORTEST_LATE_START + 1) :]
        title_place = TitlePlace.NONE if title_place is TitlePlace.BEFORE else title_place
    title = _title(work) if title_place is not TitlePlace.NONE else ""
    lengths = [len(ids) for ids in tokenizer(parts, add_special_tokens=False, verbose=False)["input_ids"]]
    taken = _MARKS + (len(tokenizer(f" {title}", add_special_tokens=False)["input_ids"]) + 2 if title else 0)
    texts = ["".join(parts[start:end]).strip() for start, end in _spans(lengths, block - taken)]
    return _rendered(work.genre, texts, title, title_place)


def encode_pieces(pieces: Sequence[str], tokenizer: PreTrainedTokenizerBase, block: int) -> list[array[int]]:
    """Encode rendered pieces. One with a sentence that is too long for a block loses what does not fit."""
    if not pieces:
        return []
    encoded = tokenizer(list(pieces), add_special_tokens=False, verbose=False)["input_ids"]
    return [array("i", ids[:block]) for ids in encoded]


def pack(pieces: Iterable[array[int]], block: int) -> list[list[array[int]]]:
    """Put pieces together into as few blocks as best-fit-decreasing finds."""
    open_blocks: list[list[list[array[int]]]] = [[] for _ in range(block + 1)]  # by the room that is left
    for piece in sorted(pieces, key=len, reverse=True):
        room = next((room for room in range(len(piece), block + 1) if open_blocks[room]), None)
        together = open_blocks[room].pop() if room is not None else []
        left = (block if room is None else room) - len(piece)
        together.append(piece)
        open_blocks[left].append(together)
    return [together for same_room in open_blocks for together in same_room]


def fill(blocks: Iterable[list[array[int]]], block: int, others: Iterable[array[int]]) -> None:
    """Fill what a block has free with the beginning of another piece: padding costs as much and teaches nothing."""
    following = itertools.cycle(others)
    for together in blocks:
        free = block - sum(map(len, together))
        if free >= block // _SMALLEST_FILLING:
            together.append(next(following)[:free])


def lay_out(pieces: Iterable[array[int]], block: int, *, pad: int, unlearnt: Container[int]) -> Block:
    """Lay pieces one after the other into a block. Tokens in ``unlearnt`` are read, but not to be told."""
    input_ids = [token for piece in pieces for token in piece]
    position_ids = [position for piece in pieces for position in range(len(piece))]
    labels = [IGNORED if token in unlearnt else token for token in input_ids]
    free = block - len(input_ids)
    return Block(input_ids + [pad] * free, position_ids + list(range(free)), labels + [IGNORED] * free)


def _title(work: Work) -> str:
    """Give the title where there is one, and a genre: the genre's token is what ends a title given beforehand."""
    usable = work.genre is not None and work.title.lower() not in _NO_TITLE and len(work.title) <= _LONGEST_TITLE
    return work.title if usable else ""


def _rendered(genre: str | None, texts: Sequence[str], title: str, place: TitlePlace) -> list[str]:
    pieces = []
    for number, text in enumerate(texts, start=1):
        given = title if place is TitlePlace.BEFORE and number == 1 else ""
        piece = render_prompt(genre, text, given) if genre else f"{BOS} {text}"
        if number == len(texts):
            piece = f"{piece} {EOS}"
        pieces.append(f"{render_title_prompt(piece)} {title} {EOS}" if title and place is TitlePlace.AFTER else piece)
    return pieces


def _spans(lengths: Sequence[int], limit: int) -> Iterator[tuple[int, int]]:
    """Give where each piece begins and ends: full pieces, but no scrap at the end; none over the limit."""
    start, length, left = 0, 0, sum(lengths)
    target = _target(left, limit)
    for index, sentence in enumerate(lengths):
        if index > start and (length + sentence > limit or length + sentence / 2 > target):
            yield start, index
            start, left, length = index, left - length, 0
            target = _target(left, limit)
        length += sentence
    yield start, len(lengths)


def _target(left: int, limit: int) -> float:
    would_remain = left - limit
    return left / 2 if 0 < would_remain < limit / _SHORTEST_END else limit

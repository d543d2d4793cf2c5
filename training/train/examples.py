"""From texts to training sequences: cut long texts into pieces, render them, pack several into one block."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storygen.prompt import BOS, render_example, render_prompt
from training.works import Work

if TYPE_CHECKING:  # transformers takes seconds to import
    from transformers import PreTrainedTokenizerBase

IGNORED = -100
"""The label that torch's cross entropy leaves out."""

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')]*(?=\s)|(?=\n)")
_MARKS = 4  # room for <BOS>, the genre, <EOS> and, with GPT-2's own tokenizer, a space between them
_SHORTEST_END = 4  # a last piece of less than this part of a block is made longer
_SHORTEST_LATE_START = 3  # sentences that must be left


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
    work: Work, tokenizer: PreTrainedTokenizerBase, block: int, late_start: random.Random | None = None
) -> list[str]:
    """Render a work as examples that fit into a block. Every piece begins with the genre, only the last one ends.

    Pieces begin at sentences and are full, but for the last two where the last would be a scrap.
    With ``late_start`` the text first loses a random number of sentences at its beginning.
    """
    parts = sentences(work.text)
    if late_start is not None and len(parts) > _SHORTEST_LATE_START:
        parts = parts[late_start.randrange(1, len(parts) - _SHORTEST_LATE_START + 1) :]
    lengths = [len(ids) for ids in tokenizer(parts, add_special_tokens=False, verbose=False)["input_ids"]]
    spans = list(_spans(lengths, block - _MARKS))
    texts = ["".join(parts[start:end]).strip() for start, end in spans]
    return [*(_prompt(work.genre, text) for text in texts[:-1]), *(_example(work.genre, t) for t in texts[-1:])]


def encode_pieces(pieces: Sequence[str], tokenizer: PreTrainedTokenizerBase, block: int) -> list[list[int]]:
    """Encode rendered pieces. One with a sentence that is too long for a block loses what does not fit."""
    if not pieces:
        return []
    encoded = tokenizer(list(pieces), add_special_tokens=False, verbose=False)["input_ids"]
    return [ids[:block] for ids in encoded]


def pack(pieces: Sequence[list[int]], block: int, bos: int, pad: int) -> list[Block]:
    """Pack pieces into as few blocks as best-fit-decreasing finds; what stays free is padding."""
    open_blocks: list[list[list[list[int]]]] = [[] for _ in range(block + 1)]  # by the room that is left
    for piece in sorted(pieces, key=len, reverse=True):
        room = next((room for room in range(len(piece), block + 1) if open_blocks[room]), None)
        together = open_blocks[room].pop() if room is not None else []
        left = (block if room is None else room) - len(piece)
        together.append(piece)
        open_blocks[left].append(together)
    return [_block(together, block, bos, pad) for same_room in open_blocks for together in same_room]


def _block(pieces: Sequence[list[int]], block: int, bos: int, pad: int) -> Block:
    input_ids = [token for piece in pieces for token in piece]
    position_ids = [position for piece in pieces for position in range(len(piece))]
    # Nothing can be learnt from what begins the next example.
    labels = [IGNORED if token == bos else token for token in input_ids]
    free = block - len(input_ids)
    return Block(input_ids + [pad] * free, position_ids + list(range(free)), labels + [IGNORED] * free)


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


def _prompt(genre: str | None, text: str) -> str:
    return render_prompt(genre, text) if genre else f"{BOS} {text}"


def _example(genre: str | None, text: str) -> str:
    return render_example(genre, text) if genre else f"{BOS} {text} <EOS>"

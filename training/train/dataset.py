"""The batches of a run in the order in which they are trained on, and those of validation."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, overload

import torch

from storygen.prompt import TITLE
from training.errors import TrainingError
from training.prepared import TRAIN, VALIDATION, load_split
from training.train.examples import TitlePlace, encode_pieces, fill, lay_out, pack, render_pieces
from training.works import Work

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from training.train.config import Stage, TrainingConfig

Batch = dict[str, torch.Tensor]

_MOST_OFTEN = 4.0  # a rare genre is not read more than so many times as often: it would be learnt by heart


class Batches(Sequence[Batch]):
    """Micro-batches, laid out when they are asked for: until then a token takes four bytes."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        """Begin without a batch."""
        self._blocks: list[tuple[int, list[list[array[int]]]]] = []
        self._stage_starts: list[int] = []
        self._pad = int(tokenizer.pad_token_id)
        # Nothing can be learnt from what begins the next example, and a title comes only when it is asked for.
        self._unlearnt = frozenset({int(tokenizer.bos_token_id), tokenizer.get_vocab().get(TITLE, -1)})

    @property
    def stage_starts(self) -> tuple[int, ...]:
        """Number of the first batch of each stage."""
        return tuple(self._stage_starts)

    def begin_stage(self) -> None:
        """Take the batches that are added from now on as those of the next stage."""
        self._stage_starts.append(len(self))

    def add(self, blocks: list[list[array[int]]], block: int) -> None:
        """Add a batch of packed blocks of ``block`` tokens."""
        self._blocks.append((block, blocks))

    def __len__(self) -> int:
        """Give the number of batches."""
        return len(self._blocks)

    @overload
    def __getitem__(self, index: int) -> Batch: ...
    @overload
    def __getitem__(self, index: slice) -> list[Batch]: ...
    def __getitem__(self, index: int | slice) -> Batch | list[Batch]:
        """Lay out one batch, or several."""
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        length, blocks = self._blocks[index]
        rows = [lay_out(pieces, length, pad=self._pad, unlearnt=self._unlearnt) for pieces in blocks]
        return {
            "input_ids": torch.tensor([row.input_ids for row in rows]),
            "position_ids": torch.tensor([row.position_ids for row in rows]),
            "labels": torch.tensor([row.labels for row in rows]),
        }


def training_batches(data: Path, tokenizer: PreTrainedTokenizerBase, config: TrainingConfig) -> Batches:
    """Give all micro-batches of all stages. The same data, configuration and tokenizer give the same batches.

    Raises TrainingError where a stage has not even one batch.
    """
    batches = Batches(tokenizer)
    for number, stage in enumerate(config.stages):
        order = random.Random(f"{config.seed} {number}")  # noqa: S311  # not for secrets
        blocks = _stage_blocks(data, tokenizer, stage, order)
        rows = config.micro_batch_tokens // stage.block
        count = min(len(blocks) // rows, stage.batches or len(blocks))
        if not count:
            raise TrainingError(f"The stage {stage.name} has too little text for one batch.")
        batches.begin_stage()
        for start in range(0, count * rows, rows):
            batches.add(blocks[start : start + rows], stage.block)
    return batches


def validation_batches(data: Path, source: str, tokenizer: PreTrainedTokenizerBase, config: TrainingConfig) -> Batches:
    """Give the validation split of a source in blocks as long as those of the last stage, one a batch."""
    block = config.stages[-1].block
    pieces = [p for work in load_split(data, source, VALIDATION) for p in render_pieces(work, tokenizer, block)]
    batches = Batches(tokenizer)
    for together in pack(encode_pieces(pieces, tokenizer, block), block):
        batches.add([together], block)
    return batches


def _stage_blocks(
    data: Path, tokenizer: PreTrainedTokenizerBase, stage: Stage, order: random.Random
) -> list[list[array[int]]]:
    pieces = [piece for source in stage.sources for piece in _pieces(data, source, tokenizer, stage, order)]
    blocks = pack(pieces, stage.block)
    order.shuffle(pieces)
    fill(blocks, stage.block, pieces)
    order.shuffle(blocks)
    return blocks


def _pieces(
    data: Path, source: str, tokenizer: PreTrainedTokenizerBase, stage: Stage, order: random.Random
) -> Iterator[array[int]]:
    """Give a source's pieces as often as the stage says; the last pass may be a part, drawn at random."""
    for works, passes in _shares(load_split(data, source, TRAIN), stage, source):
        left = passes
        known: dict[int, list[array[int]]] = {}
        while left > 0:
            taken = works if left >= 1 else order.sample(works, round(left * len(works)))
            for work in taken:
                yield from _encode(work, tokenizer, stage, order, known)
            left -= 1


def _shares(works: list[Work], stage: Stage, source: str) -> Iterator[tuple[list[Work], float]]:
    """Give groups of works and how often to pass through each. With balance, rare genres more often, to a limit."""
    passes = stage.sources[source]
    if not stage.balance:
        yield works, passes
        return
    groups: dict[str | None, list[Work]] = {}
    for work in works:
        groups.setdefault(work.genre, []).append(work)
    words = {genre: sum(len(work.text.split()) for work in group) for genre, group in groups.items()}
    mean = sum(words.values()) / len(words)
    weights = {genre: min(_MOST_OFTEN, (mean / count) ** stage.balance) for genre, count in words.items()}
    total = sum(words[genre] * weight for genre, weight in weights.items())
    for genre, group in groups.items():
        yield group, passes * weights[genre] * sum(words.values()) / total


def _encode(
    work: Work,
    tokenizer: PreTrainedTokenizerBase,
    stage: Stage,
    order: random.Random,
    known: dict[int, list[array[int]]],
) -> list[array[int]]:
    """Give a work's tokens. ``known`` keeps those of whole works without a title: the next pass reads the same."""
    late = order.random() < stage.late_starts.get(work.source, 0.0)
    place = _title_place(stage.titled.get(work.source, 0.0), order)
    plain = not late and place is TitlePlace.NONE
    if plain and id(work) in known:
        return known[id(work)]
    pieces = render_pieces(work, tokenizer, stage.block, order if late else None, place)
    encoded = encode_pieces(pieces, tokenizer, stage.block)
    if plain:
        known[id(work)] = encoded
    return encoded


def _title_place(share: float, order: random.Random) -> TitlePlace:
    drawn = order.random()
    if drawn < share:
        return TitlePlace.BEFORE
    return TitlePlace.AFTER if drawn < 2 * share else TitlePlace.NONE

"""The batches of a run in the order in which they are trained on, and those of validation."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from training.errors import TrainingError
from training.prepared import TRAIN, VALIDATION, load_split
from training.train.examples import Block, encode_pieces, pack, render_pieces
from training.works import Work

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from training.train.config import Stage, TrainingConfig

Batch = dict[str, torch.Tensor]


def training_batches(data: Path, tokenizer: PreTrainedTokenizerBase, config: TrainingConfig) -> list[Batch]:
    """Give all micro-batches of all stages. The same data, configuration and tokenizer give the same batches.

    Raises TrainingError where a stage has not even one batch.
    """
    batches: list[Batch] = []
    for number, stage in enumerate(config.stages):
        order = random.Random(f"{config.seed} {number}")  # noqa: S311  # not for secrets
        pieces = [piece for source in stage.sources for piece in _passes(data, source, tokenizer, stage, order)]
        blocks = _packed(pieces, tokenizer, stage.block)
        order.shuffle(blocks)
        found = list(_batches(blocks, config.micro_batch_tokens // stage.block))
        if not found:
            raise TrainingError(f"The stage {stage.name} has too little text for one batch.")
        batches += found[: stage.batches]
    return batches


def validation_batches(
    data: Path, source: str, tokenizer: PreTrainedTokenizerBase, config: TrainingConfig
) -> list[Batch]:
    """Give the validation split of a source in blocks as long as those of the last stage."""
    block = config.stages[-1].block
    pieces = [p for work in load_split(data, source, VALIDATION) for p in render_pieces(work, tokenizer, block)]
    blocks = _packed(encode_pieces(pieces, tokenizer, block), tokenizer, block)
    return [_batch([one]) for one in blocks]


def _passes(
    data: Path, source: str, tokenizer: PreTrainedTokenizerBase, stage: Stage, order: random.Random
) -> Iterator[list[int]]:
    """Give a source's pieces as often as the stage says; the last pass may be a part, drawn at random."""
    works = load_split(data, source, TRAIN)
    left = stage.sources[source]
    while left > 0:
        taken = works if left >= 1 else order.sample(works, round(left * len(works)))
        rendered = [piece for work in taken for piece in _render(work, tokenizer, stage, order)]
        yield from encode_pieces(rendered, tokenizer, stage.block)
        left -= 1


def _render(work: Work, tokenizer: PreTrainedTokenizerBase, stage: Stage, order: random.Random) -> list[str]:
    late = order.random() < stage.late_starts.get(work.source, 0.0)
    return render_pieces(work, tokenizer, stage.block, order if late else None)


def _packed(pieces: Sequence[list[int]], tokenizer: PreTrainedTokenizerBase, block: int) -> list[Block]:
    return pack(pieces, block, int(tokenizer.bos_token_id), int(tokenizer.pad_token_id))


def _batches(blocks: Sequence[Block], rows: int) -> Iterator[Batch]:
    for start in range(0, len(blocks) - rows + 1, rows):
        yield _batch(blocks[start : start + rows])


def _batch(blocks: Sequence[Block]) -> Batch:
    return {
        "input_ids": torch.tensor([block.input_ids for block in blocks]),
        "position_ids": torch.tensor([block.position_ids for block in blocks]),
        "labels": torch.tensor([block.labels for block in blocks]),
    }

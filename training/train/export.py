"""Write a checkpoint folder that storygen reads: weights in float16 safetensors, tokenizer, story.json, model card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from storygen.checkpoint import CheckpointInfo, write_info
from storygen.prompt import TITLE
from training.prepared import prepared_genres
from training.publish.card import write_card
from training.train.lora import plain_copy

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerBase

    from training.train.config import TrainingConfig


def export(
    model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerBase, out: Path, *, config: TrainingConfig, data: Path
) -> None:
    """Write the folder ``out``; files of an earlier checkpoint in it are replaced."""
    import torch

    out.mkdir(parents=True, exist_ok=True)
    halved = plain_copy(model)
    torch.nn.Module.to(halved, device="cpu", dtype=torch.float16)  # transformers' own ``to`` has no usable types
    halved.config.use_cache = True  # Trainer switches it off for training
    for old in out.glob("model*.safetensors*"):
        old.unlink()  # transformers would read one whole file rather than the new shards beside it
    halved.save_pretrained(out, max_shard_size=config.max_shard_size)
    for path in out.glob("*.safetensors"):
        path.chmod(0o644)  # safetensors writes for the owner only, but a checkpoint is made to be shared
    tokenizer.save_pretrained(out)
    write_info(out, _info(config, tokenizer, data))
    write_card(out, config=config, data=data)


def _info(config: TrainingConfig, tokenizer: PreTrainedTokenizerBase, data: Path) -> CheckpointInfo:
    return CheckpointInfo(
        name=config.name,
        genres=prepared_genres(data),
        licence=config.licence,
        titles=TITLE in tokenizer.get_vocab() and any(stage.titled for stage in config.stages),
    )

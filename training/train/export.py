"""Write a checkpoint folder that storygen reads: weights in float16 safetensors, tokenizer, story.json, model card."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storygen.checkpoint import CheckpointInfo, write_info
from training.prepared import prepared_genres, read_manifest

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerBase

    from training.train.config import TrainingConfig


def export(
    model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerBase, out: Path, *, config: TrainingConfig, data: Path
) -> None:
    """Write the folder ``out``; files of an earlier checkpoint in it are replaced."""
    import torch

    out.mkdir(parents=True, exist_ok=True)
    halved = copy.deepcopy(model)
    torch.nn.Module.to(halved, device="cpu", dtype=torch.float16)  # transformers' own ``to`` has no usable types
    halved.config.use_cache = True  # Trainer switches it off for training
    halved.save_pretrained(out)
    for path in out.glob("*.safetensors"):
        path.chmod(0o644)  # safetensors writes for the owner only, but a checkpoint is made to be shared
    tokenizer.save_pretrained(out)
    write_info(out, CheckpointInfo(name=config.name, genres=prepared_genres(data), licence=config.licence))
    (out / "README.md").write_text(_card(config, model.num_parameters(), read_manifest(data)), encoding="utf-8")


def _card(config: TrainingConfig, weights: int, manifest: dict[str, Any]) -> str:
    licence = config.licence.lower().replace(" ", "-")
    lines = [
        "---",
        f"license: {licence}",
        "language: en",
        "pipeline_tag: text-generation",
        "library_name: transformers",
        "---",
        "",
        f"# {config.name}",
        "",
        f"A GPT-2 of {weights / 1e6:.1f} million weights that writes short stories in six genres. ",
        "Input: `<BOS> <genre> how the story begins`, genre one of superhero, sci_fi, horror, action, thriller, drama.",
        "",
        f"Trained {'from ' + config.base if config.base else 'from random weights'} by `storytrain train` on:",
        "",
        *(_source_line(name, source) for name, source in manifest.get("sources", {}).items()),
        "",
        f"Licence of the weights: {config.licence}. The plots are by Wikipedia contributors.",
    ]
    return "\n".join(lines) + "\n"


def _source_line(name: str, source: dict[str, Any]) -> str:
    words, works = source["words"].get("train", 0), source["works"].get("train", 0)
    return f"- {name}: {works} works, {words} words ({'; '.join(filter(None, source['licences']))})"

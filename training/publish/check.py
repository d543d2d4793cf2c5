"""Look a checkpoint folder over before it is shared: whole, loadable, with a licence, and nothing that can run code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from storygen.checkpoint import INFO_FILE, control_tokens, load
from storygen.prompt import TITLE
from training.errors import TrainingError
from training.publish.licences import hub_licence

if TYPE_CHECKING:
    from storygen.checkpoint import Checkpoint

WEIGHTS = "model.safetensors"
SHARD_INDEX = "model.safetensors.index.json"
NEEDED = (INFO_FILE, "config.json", "tokenizer.json", "tokenizer_config.json")

_SHARED = frozenset({".json", ".md", ".safetensors", ".txt", ".png"})
_CAN_RUN_CODE = frozenset(
    {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".npy", ".npz", ".h5", ".keras", ".py", ".so"}
)


def files_to_share(folder: Path) -> list[Path]:
    """Give the files that belong to a checkpoint, sorted by name; others in the folder stay at home.

    Raises TrainingError where something is missing, or where a file could run code on whoever loads it.
    """
    if not folder.is_dir():
        raise TrainingError(f"There is no checkpoint folder {folder}.")
    dangerous = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _CAN_RUN_CODE)
    if dangerous:
        raise TrainingError(
            f"{_named(folder, dangerous)} can run code on whoever loads it, so it is not published: "
            "only safetensors are. Move it out of the folder."
        )
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise TrainingError(f"{folder} is no whole checkpoint: {', '.join(missing)} is missing.")
    _check_shards(folder)
    return sorted(path for path in folder.iterdir() if path.is_file() and _belongs(path))


def check_it_works(folder: Path) -> Checkpoint:
    """Load the checkpoint and see that it has a licence, its control tokens and finite weights.

    Raises TrainingError for what is wrong, CheckpointError where it can't be loaded at all.
    """
    import torch

    checkpoint = load(str(folder))
    hub_licence(checkpoint.info.licence)
    # Asked of the file, since load() lends a model the tokens that it lacks.
    saved = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["added_tokens"]
    known = {token["content"] for token in saved}
    tokens = (*control_tokens(checkpoint.info.genres), *((TITLE,) if checkpoint.info.titles else ()))
    if foreign := [token for token in tokens if token not in known]:
        raise TrainingError(f"The weights in {folder} were not trained on {' '.join(foreign)}, which its genres need.")
    broken = [name for name, weight in checkpoint.model.named_parameters() if not torch.isfinite(weight).all()]
    if broken:
        raise TrainingError(f"The weights in {folder} are not all finite numbers: {broken[0]}.")
    return checkpoint


def _check_shards(folder: Path) -> None:
    present = {path.name for path in folder.glob("*.safetensors")}
    index = folder / SHARD_INDEX
    if not index.is_file():
        if present != {WEIGHTS}:
            raise TrainingError(f"{folder} should hold its weights in {WEIGHTS} or in shards with {SHARD_INDEX}.")
        return
    try:
        listed = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, AttributeError) as error:
        raise TrainingError(f"{index} can't be read: {error}.") from error
    if missing := sorted(listed - present):
        raise TrainingError(f"{folder} is no whole checkpoint: the shard {', '.join(missing)} is missing.")
    if left_over := sorted(present - listed):
        raise TrainingError(f"{', '.join(left_over)} in {folder} is no shard of this checkpoint; move it away.")


def _belongs(path: Path) -> bool:
    return path.suffix in _SHARED and not path.name.startswith(".")


def _named(folder: Path, paths: Sequence[Path]) -> str:
    return ", ".join(str(path.relative_to(folder)) for path in paths)

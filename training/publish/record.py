"""``training.json`` in a checkpoint folder: what it was made from and with, so that its card can say so anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storygen.checkpoint import checkpoint_path, read_info
from storygen.errors import StorygenError
from training.errors import TrainingError
from training.prepared import read_manifest

if TYPE_CHECKING:
    from training.train.config import TrainingConfig

RECORD = "training.json"
FORMAT = 1

_TOOLS = ("storybot", "torch", "transformers", "tokenizers", "accelerate", "peft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The model that training began with."""

    name: str
    """Hub name, or for a folder the name in its ``story.json``; never a path of somebody's machine."""
    on_hub: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How a checkpoint was made. All of it may be missing for one that others made."""

    base: Base | None = None
    """None where training began with random weights, or where nobody knows."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """The fields of the training configuration."""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    """The manifest of the prepared folder."""
    tools: Mapping[str, str] = field(default_factory=dict)
    """Package names with the versions that trained it."""


def write_record(folder: Path, config: TrainingConfig, data: Path) -> Record:
    """Write ``training.json`` into a checkpoint folder and give what it says."""
    record = Record(
        base=_base_of(config.base),
        config={**json.loads(json.dumps(asdict(config), default=str)), "base": ""},
        manifest=read_manifest(data),
        tools=installed_tools(),
    )
    fields = {"format": FORMAT, **asdict(record)}
    (folder / RECORD).write_text(json.dumps(fields, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return record


def read_record(folder: Path) -> Record:
    """Read ``training.json``; an empty record where there is none. Raises TrainingError for one that is damaged."""
    path = folder / RECORD
    if not path.is_file():
        return Record()
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        base = Base(**fields["base"]) if fields["base"] else None
        return Record(base=base, config=fields["config"], manifest=fields["manifest"], tools=fields["tools"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{path} can't be read: {error}.") from error


def installed_tools() -> dict[str, str]:
    """Give the versions of the packages that training uses, as far as they are installed."""
    found = {}
    for name in _TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _base_of(base: str) -> Base | None:
    if not base:
        return None
    if not Path(checkpoint_path(base)).is_dir():
        return Base(name=base, on_hub=True)
    try:
        return Base(name=read_info(base).name, on_hub=False)
    except StorygenError:
        return Base(name=Path(base).name, on_hub=False)

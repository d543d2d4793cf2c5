"""Everything that a model card tells, gathered from the checkpoint folder and, where given, data and report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from storygen.checkpoint import CheckpointInfo, read_info
from storygen.genre import Genre
from training.errors import TrainingError
from training.prepared import MANIFEST, read_manifest
from training.publish.record import Record, read_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a checkpoint."""

    info: CheckpointInfo
    record: Record
    weights: int
    """Number of weights."""
    positions: int
    """Longest input in tokens."""
    report: Mapping[str, Any]
    """What ``storytrain evaluate`` wrote; empty where it was not given."""
    notes: str = ""
    """Known faults in the words of whoever publishes, as Markdown."""
    credits: str = ""
    """Whom to credit besides, as Markdown."""

    @property
    def genres(self) -> tuple[Genre, ...]:
        """The genres that the checkpoint can be asked for."""
        return self.info.genres


def gather(
    folder: Path,
    *,
    data: Path | None = None,
    report: Path | None = None,
    notes: Path | None = None,
    credit: Path | None = None,
) -> Facts:
    """Read what is known of the checkpoint in ``folder``; ``data`` wins over what was recorded in training.

    Raises TrainingError, or storygen's CheckpointError, for a file that is missing or can't be read.
    """
    record = read_record(folder)
    if data is not None:
        if not (data / MANIFEST).is_file():
            raise TrainingError(f"There is no {MANIFEST} in {data}; storytrain prepare writes it.")
        record = replace(record, manifest=read_manifest(data))
    return Facts(
        info=read_info(str(folder)),
        record=record,
        weights=count_weights(folder),
        positions=int(_json(folder / "config.json").get("n_positions", 0)),
        report=_json(report) if report else {},
        notes=_text(notes).strip() if notes else "",
        credits=_text(credit).strip() if credit else "",
    )


def count_weights(folder: Path) -> int:
    """Count the numbers in all safetensors files of a folder, from their headers alone."""
    from safetensors import SafetensorError, safe_open

    total = 0
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(path, "numpy") as tensors:
                total += sum(prod(tensors.get_slice(name).get_shape()) for name in tensors.keys())  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise TrainingError(f"{path} can't be read: {error}.") from error
    return total


def _json(path: Path) -> dict[str, Any]:
    try:
        fields = json.loads(_text(path))
    except ValueError as error:
        raise TrainingError(f"{path} can't be read: {error}.") from error
    if not isinstance(fields, dict):
        raise TrainingError(f"{path} can't be read: it is not a JSON object.")
    return fields


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TrainingError(f"{path} can't be read: it is not text in UTF-8.") from error
    except OSError as error:
        raise TrainingError(f"{path} can't be read: {error.strerror}.") from error

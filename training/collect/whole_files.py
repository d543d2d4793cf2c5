"""Write files so that whoever reads them finds the old one or the new one, never half of one."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from training.errors import TrainingError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of ``path`` when the block ends well, and vanishes when it fails.

    Raises TrainingError where the folder can't be written.
    """
    beside = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as stream:
            try:
                yield stream
            except BaseException:
                beside.unlink()
                raise
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        raise TrainingError(f"{path} can't be written: {error.strerror or error}.") from error


def write_json(path: Path, fields: Mapping[str, Any]) -> None:
    """Write one JSON object, whole or not at all."""
    with replacing(path) as stream:
        stream.write(json.dumps(fields, indent=1, ensure_ascii=False).encode() + b"\n")


def read_json(path: Path) -> dict[str, Any] | None:
    """Read one JSON object; None where there is no such file. Raises TrainingError for anything else."""
    try:
        fields = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path} can't be read: {error}. Delete it to begin anew.") from error
    if not isinstance(fields, dict):
        raise TrainingError(f"{path} is not a JSON object. Delete it to begin anew.")
    return fields


def sha256_of(path: Path) -> str:
    """Give the file's SHA-256 in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

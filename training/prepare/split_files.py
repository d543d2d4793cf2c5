"""The files of the splits while they are being written, in a folder aside, so that a stop leaves nothing half done."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

from training.errors import TrainingError
from training.prepared import SPLITS, read_manifest, split_file
from training.works import Work, write_work

_UNFINISHED = "unfinished"


@contextmanager
def unfinished_folder(out: Path) -> Iterator[Path]:
    """Give an empty folder inside ``out``, which is made where needed. It is gone afterwards, whatever happens."""
    folder = out / _UNFINISHED
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    except OSError as error:
        raise TrainingError(f"The folder {out} can't be written to: {error.strerror}.") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class SplitFiles:
    """The open files of one source."""

    def __init__(self, files: Mapping[str, TextIO]) -> None:
        self._files = files

    def write(self, split: str, work: Work) -> None:
        """Write a work to one of the splits."""
        write_work(self._files[split], work)


@contextmanager
def split_files(folder: Path, source: str) -> Iterator[SplitFiles]:
    """Open a file for each split of a source."""
    with ExitStack() as stack:
        paths = {split: folder / split_file(source, split) for split in SPLITS}
        yield SplitFiles(
            {s: stack.enter_context(p.open("w", encoding="utf-8", newline="\n")) for s, p in paths.items()}
        )


def put_in_place(folder: Path, out: Path, sources: Sequence[str]) -> None:
    """Move the finished files to ``out``, and take away those of an earlier preparation that are not made any more."""
    names = {split_file(source, split) for source in sources for split in SPLITS}
    for name in sorted(_of_before(out) - names):
        (out / name).unlink(missing_ok=True)
    for name in sorted(names):
        (folder / name).replace(out / name)


def sha256_of(path: Path) -> str:
    """Give the file's SHA-256 in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _of_before(out: Path) -> set[str]:
    try:
        manifest: Mapping[str, Any] = read_manifest(out)
    except TrainingError:  # it will be written anew
        return set()
    sources = manifest.get("sources", {})
    known = {split_file(source, split) for source in sources for split in SPLITS}
    return {name for source in sources.values() for name in source.get("output", {})} & known

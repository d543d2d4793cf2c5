"""Collect the Wikipedia Movie Plots table: from Kaggle or from a file, checked, with a note on where it comes from."""

from __future__ import annotations

import hashlib
import lzma
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO

from training.collect.kaggle import ADDRESS, TABLE, download_table
from training.collect.table_faults import FULL_TABLE, Expected, fault_of_head, fault_of_whole
from training.collect.whole_files import replacing, write_json
from training.errors import TrainingError
from training.prepare.movie_plots import LICENCE

PROVENANCE = "wiki_movie_plots_deduped.provenance.json"

Told = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and how much there is."""

_BLOCK = 1 << 20
LARGEST_TABLE = 1_000_000_000
"""Bytes; the full table has 81 million. A few packed bytes can fill a disk."""


def collect_plots(
    out: Path,
    *,
    given: Path | None = None,
    expected: Expected | None = FULL_TABLE,
    download: Callable[[], Path] = download_table,
    told: Told = lambda _doing, _done, _total: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Path:
    """Put the table and its provenance into the folder ``out``; give the table's place.

    ``given`` is a file on disk, perhaps packed (``.xz``, or Kaggle's ``.zip``); without it ``download`` fetches one.
    ``expected`` None takes any table that has the columns. Raises TrainingError for a file that is not the table.
    """
    source = given or download()
    place = out / TABLE
    found = _copy(source, place, expected, told)
    write_json(out / PROVENANCE, _provenance(given, found, found == FULL_TABLE, now()))
    return place


def _copy(source: Path, place: Path, expected: Expected | None, told: Told) -> Expected:
    """Copy block by block; the copy takes its place only when it is what was expected."""
    with _opened(source) as stream, replacing(place) as copy:
        head = _read(stream, source)
        _refuse(source, fault_of_head(head))
        found, ends_a_line = _copy_blocks(head, stream, copy, source, told)
        if expected:
            _refuse(source, fault_of_whole(found, ends_a_line, expected))
    return found


def _copy_blocks(block: bytes, stream: IO[bytes], copy: BinaryIO, source: Path, told: Told) -> tuple[Expected, bool]:
    digest, size, ends_a_line = hashlib.sha256(), 0, False
    while block:
        digest.update(block)
        size += len(block)
        ends_a_line = block.endswith(b"\n")
        if size > LARGEST_TABLE:
            raise TrainingError(f"{source} has more than {LARGEST_TABLE:,} bytes unpacked: it is no such table.")
        copy.write(block)
        told("Checking the table", size, FULL_TABLE.size)
        block = _read(stream, source)
    return Expected(size=size, sha256=digest.hexdigest()), ends_a_line


def _read(stream: IO[bytes], source: Path) -> bytes:
    try:
        return stream.read(_BLOCK)
    except (EOFError, OSError, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise TrainingError(f"{source} can't be read: {error}.") from error


def _refuse(source: Path, fault: str | None) -> None:
    if fault:
        raise TrainingError(f"{source} {fault}.")


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if not path.is_file():
        raise TrainingError(f"There is no file {path}.")
    if path.suffix == ".xz":
        with lzma.open(path) as unpacked:
            yield unpacked
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive, archive.open(_table_in(archive, path)) as unpacked:
            yield unpacked
    else:
        with path.open("rb") as stream:
            yield stream


def _table_in(archive: zipfile.ZipFile, path: Path) -> str:
    names = [name for name in archive.namelist() if name.rpartition("/")[2] == TABLE]
    if not names:
        raise TrainingError(f"{path} is an archive without {TABLE}.")
    return names[0]


def _provenance(given: Path | None, found: Expected, is_full: bool, today: datetime) -> dict[str, object]:
    return {
        "file": TABLE,
        "bytes": found.size,
        "sha256": found.sha256,
        "full_table": is_full,
        "source": ADDRESS if given is None else f"the file {given.name}; published at {ADDRESS}",
        "collected": today.date().isoformat(),
        "licence": LICENCE,
        "licence_note": "The plots are Wikipedia text: CC BY-SA 3.0 when they were collected, CC BY-SA 4.0 since June "
        "2023. Credit Wikipedia contributors, keep the article links, share changed text under the same licence.",
    }

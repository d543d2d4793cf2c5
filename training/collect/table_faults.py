"""Say what is wrong with a file that should be the Wikipedia Movie Plots table."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from training.prepare.movie_plots import COLUMNS

_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the table should be."""

    size: int
    """Bytes."""
    sha256: str
    """Of the whole file, in hexadecimal digits."""


FULL_TABLE = Expected(size=81_193_310, sha256="e5450142ff22420ec2229ab1ee5a567e771f001fc04ac9d7960b533c88e5993c")
"""``wiki_movie_plots_deduped.csv`` of the Kaggle data set ``jrobischon/wikipedia-movie-plots``, 34,886 films."""


def fault_of_head(head: bytes) -> str | None:
    """Say from a file's first bytes why it can't be the table, as the end of a sentence; None where it may be."""
    start = head[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        return "is empty"
    if start[:1] == b"<":
        return "is a web page (HTML), not a table: the download wanted a log-in or a consent; fetch it in a browser"
    if start.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer, not the table: fetch the file itself with `git lfs pull`"
    if start[:1] in (b"{", b"["):
        return "is JSON, not a table: perhaps an error message of the server"
    if b"\x00" in start:
        return "is no text file"
    return _fault_of_header(start)


def _fault_of_header(start: bytes) -> str | None:
    try:
        header = next(csv.reader(io.StringIO(start.decode(errors="replace"), newline="")), [])
    except csv.Error:
        header = []
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        return f"lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}: it is another table"
    return None


def fault_of_whole(found: Expected, ends_a_line: bool, expected: Expected) -> str | None:
    """Say from a file's size and checksum why it is not the table, as the end of a sentence; None where it is."""
    if found == expected:
        return None
    if found.size == expected.size:
        return f"has the right size but another checksum (SHA-256 {found.sha256}): it was damaged or changed"
    if found.size < expected.size:
        why = "it is a part of the table, or its line ends were changed" if ends_a_line else "it was cut off in a row"
        return f"has {found.size:,} of {expected.size:,} bytes: {why}"
    return f"has {found.size:,} bytes instead of {expected.size:,}: it is another edition of the table"

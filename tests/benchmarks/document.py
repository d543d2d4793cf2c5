"""Put a report into ``docs/benchmark.md``, between two marks; what stands around it is written by hand."""

from __future__ import annotations

from pathlib import Path

BEGIN = "<!-- figures: written by make bench -->"
END = "<!-- end of figures -->"


def put_figures(document: Path, text: str) -> None:
    """Replace what is between the marks. Raises ValueError where a mark is missing."""
    before, begin, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has no place for figures: {BEGIN} … {END}")
    document.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")

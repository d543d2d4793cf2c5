"""Write what was measured: ``report.json`` for programs, ``report.md`` for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_HEAD = "| genre | stories | bytes | tokens | perplexity per token | bits per byte |\n|---|---|---|---|---|---|"


def write_report(out: Path, report: dict[str, Any]) -> None:
    """Write both files into the folder ``out``, which is made if need be."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (out / "report.md").write_text(as_markdown(report), encoding="utf-8")


def as_markdown(report: dict[str, Any]) -> str:
    """Give the report as a heading, a sentence and a table."""
    rows = [_row("**all**", report["overall"]), *(_row(name, line) for name, line in report["by_genre"].items())]
    sentence = (
        f"{report['weights']:,} weights, measured on {report['stories']}. Long stories are measured whole, in windows "
        "that overlap by half and all begin with the genre; the end mark counts as a token."
    )
    return "\n".join([f"# {report['checkpoint']}", "", sentence, "", _HEAD, *rows, ""])


def _row(name: str, line: dict[str, float]) -> str:
    counts = " | ".join(f"{line[key]:,}" for key in ("stories", "bytes", "tokens"))
    return f"| {name} | {counts} | {line['perplexity']:.2f} | {line['bits_per_byte']:.4f} |"

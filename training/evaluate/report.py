"""Write what was measured: ``report.json`` for programs, ``report.md`` and pictures for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.evaluate import tables
from training.evaluate.pictures import draw_pictures

Report = Mapping[str, Any]

_WORDS = {True: "yes", False: "**no**", None: "-"}
_EXPLAINED = "What each figure means, with formulas and limits: docs/evaluating.md of the project."


def write_report(out: Path, report: Report) -> None:
    """Write both files and the pictures into the folder ``out``, which is made if need be."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draw_pictures(out, report)
    (out / "report.md").write_text(as_markdown(report), encoding="utf-8")


def as_markdown(report: Report) -> str:
    """Give the report as a document: the summary first, then a section for each measure, last how it was made."""
    sections = [
        _head(report),
        tables.prediction(report),
        tables.adherence(report["adherence"]),
        tables.endings(report["endings"]),
        tables.faults(report["loops"], report["invented"]),
        tables.copying(report["copying"]),
        tables.diversity(report["diversity"]),
        tables.mauve(report["mauve"]),
        tables.beside(report),
        _run(report["run"]),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(report: Report) -> str:
    rows = [[line["figure"], line["value"], line["bar"], _WORDS[line["met"]]] for line in report["summary"]]
    sentence = f"{report['weights']:,} weights. Test stories: {report['stories']}. {_EXPLAINED}"
    return f"# {report['checkpoint']}\n\n{sentence}\n\n" + tables.table(["figure", "value", "bar", "met"], rows)


def _run(run: Report) -> str:
    options = ", ".join(f"{name} {value}" for name, value in run["options"].items())
    versions = ", ".join(f"{name} {value}" for name, value in run["versions"].items())
    parts = ", ".join(f"{name} {seconds:,.0f} s" for name, seconds in run["seconds"].items() if seconds >= 1)
    files = "\n".join(f"- {what}: {', '.join(names)}" for what, names in run["files"].items() if names)
    about = (
        f"Began {run['began']}, took {run['total_seconds']:,.0f} s on {run['device']} with {run['threads']} threads "
        f"({parts}). First seed {run['seed']}, {run['generate']} stories a genre, {run['rows']} at once; {options}. "
        f"Versions: {versions}."
    )
    command = f"```\n{run['command']}\n```\n\n" if run["command"] else ""
    return f"## How it was measured\n\n{command}{about}\n\n{files}"

"""The command ``storytrain evaluate``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(commands: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add ``evaluate`` to the commands of ``storytrain``."""
    parser = commands.add_parser("evaluate", help="measure a checkpoint on stories it has not seen")
    parser.set_defaults(carry_out=run)
    add = parser.add_argument
    add("--checkpoint", default="builtin", help="builtin, a folder or a hub name (default builtin)")
    add("--stories", type=Path, required=True, help="JSON Lines with genre and text, or rendered examples, one a line")
    add("--out", type=Path, required=True, help="folder for report.json and report.md")
    add("--threads", type=int, default=1, help="processor threads (default 1)")
    add("--device", default="cpu", help="cpu, cuda or another device of torch (default cpu)")


def run(chosen: argparse.Namespace) -> None:
    """Measure, write the report, and print it."""
    from training.evaluate.perplexity import evaluate
    from training.evaluate.report import as_markdown

    report = evaluate(chosen.checkpoint, chosen.stories, chosen.out, threads=chosen.threads, device=chosen.device)
    print(as_markdown(report))

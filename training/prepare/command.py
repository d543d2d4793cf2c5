"""The command ``storytrain prepare``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(commands: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add ``prepare`` to the commands of ``storytrain``."""
    parser = commands.add_parser("prepare", help="clean, deduplicate and split the texts")
    parser.set_defaults(carry_out=run)
    add = parser.add_argument
    add("--movie-plots", type=Path, nargs="*", default=[], help="Wikipedia Movie Plots tables (.csv or .csv.xz)")
    add("--plots-extra", type=Path, nargs="*", default=[], help="more plots as JSON Lines: title, genre, text")
    add("--original-plots", type=Path, nargs="*", default=[], help="short plots as JSON Lines, in the bot's manner")
    add("--fiction", type=Path, nargs="*", default=[], help="novels and stories as JSON Lines")
    add("--fiction-since", type=int, help="leave out fiction that is older or has no year")
    add("--test-stories", type=Path, help="rendered examples, one a line, that must not be trained on")
    add("--seed", type=int, default=1, help="decides which works are held out (default 1)")
    add("--out", type=Path, required=True, help="folder for the splits and manifest.json")


def run(chosen: argparse.Namespace) -> None:
    """Prepare the sources that were named, and print what became of them."""
    from training.prepare.preparation import prepare
    from training.prepare.sources import sources_from

    manifest = prepare(sources_from(chosen), chosen.out, test_stories=chosen.test_stories, seed=chosen.seed)
    for name, source in manifest["sources"].items():
        print(f"{name}: {source['works']} works, {source['words']} words, left out {source['dropped']}")

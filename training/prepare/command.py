"""The command ``storytrain prepare``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.works import Opener


def add_parser(commands: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add ``prepare`` to the commands of ``storytrain``."""
    parser = commands.add_parser("prepare", help="clean, label, deduplicate and split the texts")
    parser.set_defaults(carry_out=run)
    add = parser.add_argument
    add("--movie-plots", type=Path, nargs="*", default=[], help="Wikipedia Movie Plots tables (.csv or .csv.xz)")
    add("--plots-extra", type=Path, nargs="*", default=[], help="more plots as JSON Lines: title, genre, text")
    add("--original-plots", type=Path, nargs="*", default=[], help="short plots as JSON Lines, in the bot's manner")
    add("--fiction", type=Path, nargs="*", default=[], help="novels and stories as JSON Lines")
    add("--fiction-since", type=int, help="leave out fiction that is older or has no year")
    add("--test-stories", type=Path, help="rendered examples, one a line, that must not be trained on")
    add("--genres", type=Path, help="table of genres (TOML); without it the six of the original model")
    add("--label-rule", choices=("all", "first"), help="overrules the table: every genre that is named, or the first")
    add("--no-guess", action="store_true", help="leave works without a genre where the source does not say it")
    add("--seed", type=int, default=1, help="decides which works are held out (default 1)")
    add("--out", type=Path, required=True, help="folder for the splits, README.md and manifest.json")


def run(chosen: argparse.Namespace) -> None:
    """Prepare the sources that were named, and print what became of them."""
    from training.prepare.genre_file import DEFAULT_TABLE, read_genre_table
    from training.prepare.preparation import prepare
    from training.prepare.sources import sources_from

    table = read_genre_table(chosen.genres or DEFAULT_TABLE, rule=chosen.label_rule)
    sources = sources_from(chosen)
    with _progress() as opener:
        manifest = prepare(
            sources,
            chosen.out,
            test_stories=chosen.test_stories,
            seed=chosen.seed,
            table=table,
            guess=not chosen.no_guess,
            opener=opener,
        )
    for line in _summary(manifest):
        print(line)


@contextmanager
def _progress() -> Iterator[Opener]:
    """Show on a terminal, and only there, how far each file has been read."""
    from rich.console import Console
    from rich.progress import Progress

    from training.works import open_plainly

    console = Console(stderr=True)
    if not console.is_terminal:
        yield open_plainly
        return
    with Progress(*Progress.get_default_columns(), console=console) as progress:
        yield lambda path: progress.open(path, "rb", description=path.name)


def _summary(manifest: Mapping[str, Any]) -> Iterator[str]:
    for name, source in manifest["sources"].items():
        yield f"{name}: {source['works']} works, {source['words']} words, left out {source['dropped']}"
    for name, measured in manifest["labels"].get("classifier", {}).get("sources", {}).items():
        guessed = manifest["sources"][name]["labelled_by"].get("classifier", 0)
        if guessed and measured["measured_on"]:
            right = measured["given"]["accuracy"] or 0.0
            yield f"{name}: {guessed} genres guessed; {right:.0%} of such guesses are right where the genre is known"

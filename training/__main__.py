"""The command line: ``storytrain collect``, ``prepare``, ``train``, ``export``, ``evaluate``."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from storygen.errors import StorygenError
from training.collect import command as collect
from training.errors import TrainingError

MISTAKE = 2
"""Exit code where the person who called can put it right."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. A mistake is one sentence on standard error and exit code 2."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    commands = {
        "collect": collect.run,
        "prepare": _prepare,
        "train": _train,
        "export": _export,
        "evaluate": _evaluate,
    }
    try:
        commands[chosen.command](chosen)
    except (TrainingError, StorygenError) as mistake:
        print(f"storytrain {chosen.command}: {mistake}", file=sys.stderr)
        return MISTAKE
    return 0


def _prepare(chosen: argparse.Namespace) -> None:
    from training.prepare import prepare
    from training.sources import sources_from

    manifest = prepare(sources_from(chosen), chosen.out, test_stories=chosen.test_stories, seed=chosen.seed)
    for name, source in manifest["sources"].items():
        print(f"{name}: {source['works']} works, {source['words']} words, left out {source['dropped']}")


def _train(chosen: argparse.Namespace) -> None:
    from training.config import read_config
    from training.train import train

    metrics = train(read_config(chosen.config), chosen.data, chosen.run, chosen.out, resume=chosen.resume)
    print(f"{chosen.out} is ready; training loss {metrics['train_loss']:.3f}")


def _export(chosen: argparse.Namespace) -> None:
    from training.config import read_config
    from training.train import export_state

    export_state(read_config(chosen.config), chosen.data, chosen.run, chosen.out)
    print(f"{chosen.out} is ready")


def _evaluate(chosen: argparse.Namespace) -> None:
    from training.evaluate import evaluate
    from training.report import as_markdown

    report = evaluate(chosen.checkpoint, chosen.stories, chosen.out, threads=chosen.threads, device=chosen.device)
    print(as_markdown(report))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="storytrain", description="Make and measure a checkpoint of the story model.")
    commands = parser.add_subparsers(dest="command", required=True)
    collect.add_parser(commands)
    _add_prepare(commands.add_parser("prepare", help="clean, deduplicate and split the texts"))
    _add_train(commands.add_parser("train", help="train a checkpoint on prepared texts"))
    _add_export(commands.add_parser("export", help="make a checkpoint of a run's last state, also while it runs"))
    _add_evaluate(commands.add_parser("evaluate", help="measure a checkpoint on stories it has not seen"))
    return parser


def _add_prepare(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--movie-plots", type=Path, nargs="*", default=[], help="Wikipedia Movie Plots tables (.csv or .csv.xz)")
    add("--plots-extra", type=Path, nargs="*", default=[], help="more plots as JSON Lines: title, genre, text")
    add("--original-plots", type=Path, nargs="*", default=[], help="short plots as JSON Lines, in the bot's manner")
    add("--fiction", type=Path, nargs="*", default=[], help="novels and stories as JSON Lines")
    add("--fiction-since", type=int, help="leave out fiction that is older or has no year")
    add("--test-stories", type=Path, help="rendered examples, one a line, that must not be trained on")
    add("--seed", type=int, default=1, help="decides which works are held out (default 1)")
    add("--out", type=Path, required=True, help="folder for the splits and manifest.json")


def _add_train(parser: argparse.ArgumentParser) -> None:
    _add_export(parser)
    parser.add_argument("--resume", action="store_true", help="go on from the last state in the run's folder")


def _add_export(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--config", type=Path, required=True, help="a TOML file such as training/configs/builtin.toml")
    add("--data", type=Path, required=True, help="the folder that prepare wrote")
    add("--run", type=Path, required=True, help="folder for states to resume from and the loss log")
    add("--out", type=Path, required=True, help="folder for the finished checkpoint")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--checkpoint", default="builtin", help="builtin, a folder or a hub name (default builtin)")
    add("--stories", type=Path, required=True, help="JSON Lines with genre and text, or rendered examples, one a line")
    add("--out", type=Path, required=True, help="folder for report.json and report.md")
    add("--threads", type=int, default=1, help="processor threads (default 1)")
    add("--device", default="cpu", help="cpu, cuda or another device of torch (default cpu)")


if __name__ == "__main__":
    sys.exit(main())

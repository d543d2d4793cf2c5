"""The commands ``storytrain train`` and ``storytrain export``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(commands: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add ``train`` and ``export`` to the commands of ``storytrain``."""
    train = commands.add_parser("train", help="train a checkpoint on prepared texts")
    _add_folders(train)
    train.add_argument("--resume", action="store_true", help="go on from the last state in the run's folder")
    train.add_argument("--dry-run", action="store_true", help="say how large the run is, and end before its first step")
    train.set_defaults(carry_out=_train)
    export = commands.add_parser("export", help="make a checkpoint of a run's last state, also while it runs")
    _add_folders(export)
    export.set_defaults(carry_out=_export)


def _add_folders(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--config", type=Path, required=True, help="a TOML file such as training/configs/builtin.toml")
    add("--data", type=Path, required=True, help="the folder that prepare wrote")
    add("--run", type=Path, required=True, help="folder for states to resume from and the loss log")
    add("--out", type=Path, required=True, help="folder for the finished checkpoint")


def _train(chosen: argparse.Namespace) -> None:
    from training.train.config import read_config
    from training.train.run import dry_run, train

    config = read_config(chosen.config)
    if chosen.dry_run:
        dry_run(config, chosen.data, chosen.run)
        return
    metrics = train(config, chosen.data, chosen.run, chosen.out, resume=chosen.resume)
    if metrics is not None:
        print(f"{chosen.out} is ready; training loss {metrics['train_loss']:.3f}")


def _export(chosen: argparse.Namespace) -> None:
    from training.train.config import read_config
    from training.train.run import export_state

    export_state(read_config(chosen.config), chosen.data, chosen.run, chosen.out)
    print(f"{chosen.out} is ready")

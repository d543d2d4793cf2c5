"""The command line: ``storytrain collect``, ``prepare``, ``train``, ``export``, ``evaluate``, ``publish``."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from storygen.errors import StorygenError
from training.collect import command as collect
from training.errors import TrainingError
from training.evaluate import command as evaluate
from training.prepare import command as prepare
from training.publish import command as publish
from training.train import command as train

MISTAKE = 2
"""Exit code where the person who called can put it right."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. A mistake is one sentence on standard error and exit code 2."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        chosen.carry_out(chosen)
    except (TrainingError, StorygenError) as mistake:
        print(f"storytrain {chosen.command}: {mistake}", file=sys.stderr)
        return MISTAKE
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="storytrain", description="Make and measure a checkpoint of the story model.")
    commands = parser.add_subparsers(dest="command", required=True)
    for room in (collect, prepare, train, evaluate, publish):
        room.add_parser(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())

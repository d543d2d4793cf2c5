"""The command ``storytrain evaluate``."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any

from storygen.sampling import LIMITS
from training.errors import TrainingError


def add_parser(commands: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add ``evaluate`` to the commands of ``storytrain``."""
    parser = commands.add_parser("evaluate", help="measure a checkpoint and the stories that it tells")
    parser.set_defaults(carry_out=run)
    add = parser.add_argument
    add("name", nargs="?", metavar="CHECKPOINT", help="builtin, a folder or a hub name (default builtin)")
    add("--checkpoint", help="the same, as an option")
    add(
        "--stories", type=Path, required=True, help="test stories: JSON Lines with genre and text, or rendered examples"
    )
    add("--out", type=Path, required=True, help="folder for report.json, report.md, pictures and stories.jsonl")
    add("--device", default="cpu", help="cpu, cuda or another device of torch (default cpu)")
    add("--threads", type=int, default=1, help="processor threads (default 1)")
    add("--seed", type=int, default=1, help="of the first story, and of every draw (default 1)")
    _add_texts(parser)
    _add_telling(parser)


def run(chosen: argparse.Namespace) -> None:
    """Measure, write the report, and print it. Raises TrainingError for choices that don't go together."""
    from training.evaluate.evaluation import evaluate
    from training.evaluate.inputs import Inputs
    from training.evaluate.report import as_markdown

    for name, least in (("generate", 0), ("threads", 1), ("seed", 0)):
        if getattr(chosen, name) < least:
            raise TrainingError(f"--{name} must be at least {least}, not {getattr(chosen, name)}.")
    _require_possible_length(chosen.max_new_tokens)
    report = evaluate(
        Inputs(
            checkpoint=_checkpoint(chosen),
            stories=chosen.stories,
            out=chosen.out,
            train_stories=tuple(chosen.train_stories),
            other_texts=tuple(chosen.other_texts),
            held_out=tuple(chosen.held_out),
            generate=chosen.generate,
            prompts=chosen.prompts,
            generated=chosen.generated,
            beside=tuple(chosen.beside),
            max_new_tokens=chosen.max_new_tokens,
            seed=chosen.seed,
            threads=chosen.threads,
            device=chosen.device,
            mauve_model=chosen.mauve_model,
            command=shlex.join(["storytrain", *sys.argv[1:]]),
        )
    )
    print(as_markdown(report))


def _add_texts(parser: argparse.ArgumentParser) -> None:
    def files(flag: str, meaning: str) -> None:
        parser.add_argument(flag, type=Path, nargs="+", default=[], metavar="FILE", help=meaning)

    files("--train-stories", "the plots that it was trained on; without them no adherence, copying, n-gram model")
    files("--other-texts", "more that it was trained on, such as fiction: for invented words and copying")
    files("--held-out", "more human stories, to stand beside the generated ones")


def _add_telling(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--generate", type=int, default=20, metavar="N", help="stories a genre; 0 for none (default 20)")
    add("--prompts", type=Path, metavar="FILE", help="prompts to tell from as well, one a line")
    add("--generated", type=Path, metavar="FILE", help="a stories.jsonl to measure again in place of telling")
    add("--max-new-tokens", type=int, help="tokens a story (default: the bot's)")
    add("--beside", nargs="+", default=[], metavar="CHECKPOINT", help="other checkpoints to measure on the stories")
    add("--mauve-model", default="gpt2-large", help="what MAUVE looks through, if on this machine (default gpt2-large)")


def _require_possible_length(tokens: int | None) -> None:
    limit = LIMITS["max_new_tokens"]
    if tokens is not None and not limit.minimum <= tokens <= limit.maximum:
        raise TrainingError(f"--max-new-tokens must be between {limit.minimum} and {limit.maximum}, not {tokens}.")


def _checkpoint(chosen: argparse.Namespace) -> str:
    named = {name for name in (chosen.name, chosen.checkpoint) if name is not None}
    if len(named) > 1:
        raise TrainingError("Name one checkpoint, either with or without --checkpoint.")
    return str(next(iter(named), "builtin"))

"""The command ``storytrain publish``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from training.errors import TrainingError


def add_parser(commands: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add ``publish`` to the commands of ``storytrain``."""
    parser = commands.add_parser(
        "publish",
        help="write a model card, check the folder, and send it to the Hugging Face hub if asked to",
        description="Write the model card of a checkpoint, check its folder and show what would be sent. "
        "Nothing leaves this machine without --push.",
    )
    parser.set_defaults(carry_out=run)
    add = parser.add_argument
    add("checkpoint", type=Path, metavar="CHECKPOINT", help="the folder that train wrote")
    add("--report", type=Path, help="a report.json that evaluate wrote, for the card's figures")
    add("--data", type=Path, help="the folder that prepare wrote (default: what was recorded when training)")
    add("--notes", type=Path, help="Markdown with the faults that you know of, for the card's section on limits")
    add("--credits", type=Path, help="Markdown with whom to credit besides those that the licences in the data name")
    add("--datasets", nargs="*", default=[], metavar="OWNER/NAME", help="data sets on the hub that were trained on")
    add("--new-card", action="store_true", help="write the card anew though somebody changed it by hand")
    add("--to", metavar="OWNER/NAME", help="the repository on the hub")
    add("--private", action="store_true", help="make the repository private if it is made now")
    add("--push", action="store_true", help="send it; without this, only show what would be sent")


def run(chosen: argparse.Namespace) -> None:
    """Write the card, check, show, and send if asked to."""
    from training.publish.check import check_it_works, files_to_share
    from training.publish.hub import check_repository_name, push

    if chosen.push and not chosen.to:
        raise TrainingError("Say where to send it: --to owner/name.")
    if chosen.to:
        check_repository_name(chosen.to)
    files_to_share(chosen.checkpoint)  # asked before anything is written into a folder that is none
    check_it_works(chosen.checkpoint)
    _write_card(chosen)
    files = files_to_share(chosen.checkpoint)
    _show(chosen, files)
    if chosen.push:
        print(f"Sent. It is at {push(chosen.checkpoint, files, chosen.to, private=chosen.private)}")


def _write_card(chosen: argparse.Namespace) -> None:
    from training.publish.card import CARD, PLACEHOLDER, card, is_ours
    from training.publish.facts import gather

    path = chosen.checkpoint / CARD
    if not is_ours(chosen.checkpoint) and not chosen.new_card:
        print(f"{path} was written by hand and stays as it is; --new-card replaces it.")
        return
    facts = gather(chosen.checkpoint, data=chosen.data, report=chosen.report, notes=chosen.notes, credit=chosen.credits)
    path.write_text(card(facts, repository=chosen.to or PLACEHOLDER, datasets=chosen.datasets), encoding="utf-8")
    print(f"{path} is written.")


def _show(chosen: argparse.Namespace, files: list[Path]) -> None:
    sizes = [path.stat().st_size for path in files]
    where = chosen.to or "the hub"
    print(f"{'Sending' if chosen.push else 'This would be sent'} to {where}:")
    for path, size in zip(files, sizes, strict=True):
        print(f"  {size:>13,} bytes  {path.name}")
    print(f"  {sum(sizes):>13,} bytes  in {len(files)} files")
    if left := sorted(path.name for path in chosen.checkpoint.iterdir() if path not in files):
        print(f"Not part of a checkpoint, so left out: {', '.join(left)}")
    if not chosen.push:
        print("Nothing was sent. --push --to owner/name sends it.")

"""The loss log: one JSON line for everything that Trainer reports."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class LossLog(TrainerCallback):
    """Appends to a file, so that a resumed run continues the log of the stopped one. On the first process only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._started = time.monotonic()

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002  # Trainer gives it by name
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002  # likewise
        logs: dict[str, Any] | None = None,
        **_: object,
    ) -> None:
        """Write one line; Trainer calls this."""
        if not state.is_world_process_zero:
            return
        seconds = round(time.monotonic() - self._started, 1)
        line = {"step": state.global_step, "seconds": seconds, **(logs or {})}
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")


def read_losses(path: Path) -> dict[str, list[tuple[int, float]]]:
    """Give steps and losses by name: ``training``, and each validated source under its own name.

    A run that was resumed has logged some steps twice; the later line holds. A line cut off by a kill is left out.
    """
    curves: dict[str, dict[int, float]] = {}
    for line in _lines(path):
        for name, value in line.items():
            curve = _curve_name(name)
            if curve and isinstance(value, (int, float)):
                curves.setdefault(curve, {})[line["step"]] = float(value)
    return {name: sorted(points.items()) for name, points in curves.items()}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict) and isinstance(line.get("step"), int):
            yield line


def _curve_name(key: str) -> str:
    if key == "loss":
        return "training"
    if key.startswith("eval_") and key.endswith("_loss"):
        return key.removeprefix("eval_").removesuffix("_loss")
    return ""

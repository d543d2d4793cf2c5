"""The loss log: one JSON line for everything that Trainer reports."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class LossLog(TrainerCallback):
    """Appends to a file, so that a resumed run continues the log of the stopped one."""

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
        seconds = round(time.monotonic() - self._started, 1)
        line = {"step": state.global_step, "seconds": seconds, **(logs or {})}
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")

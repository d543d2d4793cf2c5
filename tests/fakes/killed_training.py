"""A program that trains and is killed after a step, by the signal that leaves no time for a goodbye."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerState, TrainingArguments

from training.train import run as running
from training.train import trainer as building
from training.train.config import read_config


class KillAfter(TrainerCallback):
    """Sends this process SIGKILL."""

    def __init__(self, step: int) -> None:
        self._step = step

    def on_step_end(
        self,
        args: TrainingArguments,  # noqa: ARG002  # Trainer gives it by name
        state: TrainerState,
        control: Any,  # noqa: ARG002  # likewise
        **_: object,
    ) -> None:
        if state.global_step == self._step:
            os.kill(os.getpid(), signal.SIGKILL)


def main(config: str, data: str, folder: str, step: str) -> None:
    """Train in ``folder``/run until ``step``."""

    def with_kill(*arguments: Any, **named: Any) -> Any:
        trainer = building.build_trainer(*arguments, **named)
        trainer.add_callback(KillAfter(int(step)))
        return trainer

    vars(running)["build_trainer"] = with_kill
    running.train(read_config(Path(config)), Path(data), Path(folder, "run"), Path(folder, "out"))


if __name__ == "__main__":
    main(*sys.argv[1:])

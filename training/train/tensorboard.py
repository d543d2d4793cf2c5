"""Event files for TensorBoard, where it is installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


def tensorboard(run: Path) -> list[TrainerCallback]:
    """Give a callback that writes to ``tensorboard/`` in ``run``; none where TensorBoard is not installed."""
    return [EventFiles(run / "tensorboard")] if find_spec("tensorboard") else []


class EventFiles(TrainerCallback):
    """Writes every figure that Trainer reports. On the first process only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: Any = None

    def on_train_begin(
        self,
        args: TrainingArguments,  # noqa: ARG002  # Trainer gives it by name
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002  # likewise
        **_: object,
    ) -> None:
        """Open a file; a resumed run takes back what was written after the state that it goes on from."""
        from torch.utils.tensorboard import SummaryWriter

        if state.is_world_process_zero:
            make: Any = SummaryWriter  # has no types
            self._writer = make(str(self._folder), purge_step=state.global_step + 1)

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002  # Trainer gives it by name
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002  # likewise
        logs: dict[str, Any] | None = None,
        **_: object,
    ) -> None:
        """Write the figures of one report; Trainer calls this."""
        if self._writer is None:
            return
        for name, value in (logs or {}).items():
            if isinstance(value, (int, float)):
                self._writer.add_scalar(_tag(name), value, state.global_step)
        self._writer.flush()

    def on_train_end(
        self,
        args: TrainingArguments,  # noqa: ARG002  # Trainer gives it by name
        state: TrainerState,  # noqa: ARG002  # likewise
        control: TrainerControl,  # noqa: ARG002  # likewise
        **_: object,
    ) -> None:
        """Close the file; Trainer calls this."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _tag(name: str) -> str:
    """TensorBoard puts what comes before the stroke under one heading."""
    return f"validation/{name.removeprefix('eval_')}" if name.startswith("eval_") else f"train/{name}"

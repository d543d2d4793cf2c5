"""How long a run will still take, in the log."""

from __future__ import annotations

import logging
import time

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

_MEASURED = 10  # steps before the first estimate; the very first is slow, so it does not count

log = logging.getLogger(__name__)


class TimeLeft(TrainerCallback):
    """Says it after ten steps and then at every save. On the first process only."""

    def __init__(self) -> None:
        self._step = -1
        self._since = 0.0

    def on_step_end(
        self,
        args: TrainingArguments,  # noqa: ARG002  # Trainer gives it by name
        state: TrainerState,
        control: TrainerControl,
        **_: object,
    ) -> None:
        """Count; Trainer calls this."""
        if self._step < 0:
            self._step, self._since = state.global_step, time.monotonic()
        elif state.is_world_process_zero and (state.global_step == self._step + _MEASURED or control.should_save):
            each = (time.monotonic() - self._since) / (state.global_step - self._step)
            left = in_words(each * (state.max_steps - state.global_step))
            log.info("step %d of %d, %.2f s a step, %s left", state.global_step, state.max_steps, each, left)


def in_words(seconds: float) -> str:
    """Give a length of time as a person says it, such as ``2 h 05 min``."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004  # an hour

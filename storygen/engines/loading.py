"""Load a checkpoint, put a writer on it and try that out: what a worker does before its first story."""

from __future__ import annotations

import logging
import traceback

from storygen.checkpoint import load
from storygen.engines.choice_file import ChoiceFile
from storygen.engines.rehearsal import rehearse
from storygen.engines.story_writer import StoryWriter
from storygen.errors import CheckpointError, OutOfMemory

log = logging.getLogger(__name__)


def load_writer(
    checkpoint: str,
    *,
    device: str,
    rows: int,
    threads: int,
    workers: int = 1,
    dtype: str = "auto",
    choice_file: ChoiceFile | None = None,
) -> StoryWriter:
    """Load a checkpoint and put a writer on it.

    ``dtype`` is the number format of the weights, ``auto`` what is fastest on this machine; see ``number_format``.
    ``choice_file`` remembers which that was.
    Where the memory does not take so many rows, it is tried with half as many.
    Raises CheckpointError, also for a model that has no room at all, and ValueError for a format that the device lacks.
    """
    from storygen.engines.model_runner import choose_device, limit_threads
    from storygen.engines.out_of_memory import free_what_is_idle, is_out_of_memory

    limit_threads(threads, workers)
    chosen = choose_device(device)
    while True:
        try:
            writer = StoryWriter(load(checkpoint, chosen), rows=rows, dtype=dtype, choice_file=choice_file)
            writer.rehearsed = tuple(rehearse(writer))
        except (RuntimeError, MemoryError, OutOfMemory) as error:
            if not isinstance(error, OutOfMemory) and not is_out_of_memory(error):
                raise
            if rows == 1:
                raise CheckpointError(checkpoint, f"it does not fit into the memory of {chosen}") from None
            traceback.clear_frames(error.__traceback__)  # they hold the model
        else:
            return writer
        free_what_is_idle()
        log.warning("%s has no memory for %d stories at once; trying %d", chosen, rows, rows // 2)
        rows //= 2

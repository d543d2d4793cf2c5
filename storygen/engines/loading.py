"""Load a checkpoint, put a writer on it and try that out: what a worker does before its first story."""

from __future__ import annotations

from storygen.checkpoint import load
from storygen.engines.choice_file import ChoiceFile
from storygen.engines.rehearsal import rehearse
from storygen.engines.story_writer import StoryWriter


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
    Raises CheckpointError, and ValueError for a format that the device has not.
    """
    from storygen.engines.model_runner import choose_device, limit_threads

    limit_threads(threads, workers)
    writer = StoryWriter(load(checkpoint, choose_device(device)), rows=rows, dtype=dtype, choice_file=choice_file)
    writer.rehearsed = tuple(rehearse(writer))
    return writer

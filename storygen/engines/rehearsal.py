"""A few steps before the first story: the kernels are warm then, and waiting times are known from the beginning."""

from __future__ import annotations

import time
from collections.abc import Iterator

from storygen.engines.story_writer import StoryWriter
from storygen.sampling import SamplingOptions

STEPS = 3
"""With all rows, and then with one; a story has no end so early that any could end by itself."""


def rehearse(writer: StoryWriter) -> Iterator[tuple[int, float]]:
    """Step with all rows and with one, and give for each step its rows and its seconds; all rows are free after it.

    The first steps, in which prompts are read, belong to it: whoever learns from it passes over them.
    """
    options = SamplingOptions(max_new_tokens=30)
    window = writer.window(writer.genre_input(writer.info.genres[0].name, ""), options.max_new_tokens)
    rows = writer.free_rows
    try:
        stories = [writer.begin(window, options, seed) for seed in range(rows)]
        while True:
            seconds, written = _step(writer)
            yield rows, seconds
            if written == rows:
                break
        for _ in range(STEPS):
            yield rows, _step(writer)[0]
        for story in stories[1:]:
            writer.leave(story)
        for _ in range(STEPS):
            yield 1, _step(writer)[0]
    finally:
        writer.leave_all()


def _step(writer: StoryWriter) -> tuple[float, int]:
    began = time.monotonic()
    written = len(writer.step())
    return time.monotonic() - began, written

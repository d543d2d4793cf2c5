"""The baseline without a network: a compressor that has read the training text, PPMd of order 12.

Prediction by partial matching (Cleary and Witten 1984) guesses the next byte from the last few; PPMd is Shkarin's
variant of it ("PPM: one step to practicality", 2002), here as 7-Zip's ``PPMd8`` through ``pyppmd``. What a story
costs is how much longer the compressed training text gets when the story and an end mark follow it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any

from training.evaluate.labelled import LabelledStory

ORDER = 12
END = b"\0"
"""Stands behind every text: the n-gram model has to tell ends as well."""
_MEMORY = 2**30  # bytes; touched only as far as the text needs them
_CUT_OFF = 1  # forget the rarest, not everything, where memory runs out


def missing() -> str | None:
    """Say why there can be no such baseline here; None where there can."""
    if find_spec("pyppmd") is None:
        return "pyppmd is not installed (pip install pyppmd)"
    return None if hasattr(os, "fork") else "this system can't copy a running process (fork)"


def measure_ngram(training: Sequence[str], stories: Sequence[LabelledStory]) -> dict[str, Any]:
    """Give bits per byte of the stories, overall and by genre, after reading the training texts.

    ``overall`` is measured as the network is: each story on its own. ``learning_on`` is one compression of all
    stories, in which the model also learns from those before.
    """
    texts = [story.text.encode() for story in stories]
    alone, together = compressed_bytes([text.encode() for text in training], texts)
    genres: dict[str, list[int]] = {}
    for number, story in enumerate(stories):
        genres.setdefault(story.genre or "none", []).append(number)
    return {
        "model": f"PPMd, order {ORDER}",
        "trained_on_bytes": sum(len(text.encode()) + len(END) for text in training),
        "overall": _bits_per_byte(alone, texts, range(len(texts))),
        "learning_on": round(8 * together / sum(map(len, texts)), 4),
        "by_genre": {name: _bits_per_byte(alone, texts, genres[name]) for name in sorted(genres)},
    }


def compressed_bytes(training: Sequence[bytes], stories: Sequence[bytes]) -> tuple[list[int], int]:
    """Give what each story alone adds to the compressed training text, in bytes, and what all add together.

    In a fresh process: it is copied for every story, which a process with the threads of torch must not be.
    """
    text = b"".join(each + END for each in training)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_compress, text, [story + END for story in stories]).result()


def _compress(training: bytes, stories: list[bytes]) -> tuple[list[int], int]:
    from pyppmd import Ppmd8Encoder

    encoder = Ppmd8Encoder(ORDER, _MEMORY, _CUT_OFF)
    encoder.encode(training)
    nothing = _size_in_a_copy(encoder, b"")
    alone = [_size_in_a_copy(encoder, story) - nothing for story in stories]
    together = len(encoder.encode(b"".join(stories))) + len(encoder.flush()) - nothing if stories else 0
    return alone, together


def _size_in_a_copy(encoder: Any, story: bytes) -> int:  # noqa: ANN401 - the library has no types
    """Compress in a copy of this process, so that this one's model does not learn from the story."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            size = len(encoder.encode(story) if story else b"") + len(encoder.flush())
            os.write(writing, str(size).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as answer:  # noqa: PTH123 - not a path
        size_told = answer.read()
    os.waitpid(child, 0)
    return int(size_told)


def _bits_per_byte(sizes: Sequence[int], texts: Sequence[bytes], places: Sequence[int]) -> float:
    return round(8 * sum(sizes[place] for place in places) / sum(len(texts[place]) for place in places), 4)

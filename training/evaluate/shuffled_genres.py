"""What the genre tokens are worth: the same network on the same stories, each with another genre's token."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from training.evaluate.bootstrap import interval
from training.evaluate.labelled import LabelledStory
from training.evaluate.perplexity import Measured, by_genre, measure, total

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from storygen.checkpoint import Checkpoint


def with_other_genres(stories: Sequence[LabelledStory], genres: Sequence[str], seed: int) -> list[LabelledStory]:
    """Give each story the token of another genre, drawn evenly; a story without a genre keeps none."""
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    return [
        LabelledStory(draw.choice([genre for genre in genres if genre != story.genre]), story.text)
        if story.genre
        else story
        for story in stories
    ]


def measure_shuffled(
    checkpoint: Checkpoint, stories: Sequence[LabelledStory], right: Sequence[Measured], seed: int
) -> dict[str, Any]:
    """Measure the stories with wrong genres; ``right`` is what they cost with their own.

    ``cost`` is the difference in bits per byte over all stories; its interval comes from a paired bootstrap.
    """
    shuffled = with_other_genres(stories, [genre.name for genre in checkpoint.info.genres], seed)
    wrong = [measure(checkpoint, story) for story in shuffled]
    low, high = paired_interval(right, wrong, seed)
    own, other = total(right), total(wrong)
    return {
        "overall": other.figures(),
        "by_genre": by_genre(stories, wrong),
        "cost": round(_bits_per_byte(other.nats - own.nats, own.bytes), 4),
        "interval": [round(low, 4), round(high, 4)],
        "dearer_stories": round(sum(w.nats > r.nats for r, w in zip(right, wrong, strict=True)) / len(wrong), 4),
    }


def paired_interval(right: Sequence[Measured], wrong: Sequence[Measured], seed: int) -> tuple[float, float]:
    """Give the 95 % interval of what wrong genres cost in bits per byte, stories drawn anew with their pairs."""
    import numpy as np

    costs = np.array([other.nats - own.nats for own, other in zip(right, wrong, strict=True)])
    lengths = np.array([own.bytes for own in right], dtype=float)

    def cost(drawn: npt.NDArray[np.intp]) -> float:
        return _bits_per_byte(float(costs[drawn].sum()), float(lengths[drawn].sum()))

    return interval(cost, len(right), seed)


def _bits_per_byte(nats: float, length: float) -> float:
    return nats / math.log(2) / length

"""How stories end, and how long they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from storygen.polish import sentence_ends
from storygen.story import FinishReason
from training.evaluate.generated import ToldStory
from training.evaluate.running_words import words_of

_SPREAD = (5, 25, 50, 75, 95)


def ends_whole(text: str) -> bool:
    """Say whether a text ends with a whole sentence; spaces behind it don't count, and an empty text does not."""
    text = text.rstrip()
    return bool(text) and max(sentence_ends(text), default=0) == len(text)


def measure_endings(stories: Sequence[ToldStory]) -> dict[str, Any]:
    """Give the shares of stories that the model ended itself, and that end whole as written and as shown."""
    return {
        "stories": len(stories),
        "ended_by_model": _share([story.finish_reason == FinishReason.EOS for story in stories]),
        "whole_sentence_as_written": _share([ends_whole(story.text) for story in stories]),
        "whole_sentence_as_shown": _share([ends_whole(story.shown) for story in stories]),
        "nothing_to_show": _share([not story.shown for story in stories]),
        "words_as_written": spread([len(words_of(story.text)) for story in stories]),
        "words_as_shown": spread([len(words_of(story.shown)) for story in stories]),
        "tokens": spread([story.new_tokens for story in stories]),
    }


def spread(numbers: Sequence[int]) -> dict[str, float]:
    """Give the percentiles 5, 25, 50, 75 and 95, with numpy's linear interpolation."""
    values = np.percentile(numbers, _SPREAD)
    return {f"p{percent}": round(float(value), 1) for percent, value in zip(_SPREAD, values, strict=True)}


def _share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / len(hits), 4)

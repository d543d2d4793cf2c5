"""Human stories made comparable: as many as were generated, and each as long as its partner."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import cycle

from training.evaluate.running_words import first_words, words_of


def matched(human: Sequence[str], generated: Sequence[str], seed: int) -> list[str]:
    """Draw a human story for each generated one and cut it after as many words as that one has.

    Most figures of variety and copying grow or fall with the amount of text, so whole film plots can't stand beside
    short stories. Where there are fewer human stories than generated ones, each is used once.
    """
    drawn = random.Random(seed).sample(human, k=min(len(human), len(generated)))  # noqa: S311 - not for secrets
    return cut_to_lengths(drawn, generated)


def cut_to_lengths(human: Sequence[str], generated: Sequence[str]) -> list[str]:
    """Cut every human story after as many words as a generated one has, which take turns where they are fewer."""
    lengths = [len(words_of(text)) for text in generated if text]
    return [first_words(text, length) for text, length in zip(human, cycle(lengths), strict=False)]

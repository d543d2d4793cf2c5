"""How sure a figure is: the percentile bootstrap (Efron 1979, "Bootstrap methods: another look at the jackknife")."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

DRAWS = 2000
_OUTSIDE = (2.5, 97.5)


def interval(figure: Callable[[npt.NDArray[np.intp]], float], count: int, seed: int) -> tuple[float, float]:
    """Give the 95 % interval of ``figure`` of ``count`` places, drawn with replacement."""
    generator = np.random.default_rng(seed)
    low, high = np.percentile([figure(generator.integers(count, size=count)) for _ in range(DRAWS)], _OUTSIDE)
    return float(low), float(high)


def interval_of_shares(hits: Sequence[int], counts: Sequence[int], seed: int) -> tuple[float, float]:
    """Give the 95 % interval of the mean over groups of the share that hit, each group drawn anew by itself.

    How often a hit is drawn when ``count`` members are drawn with replacement is binomial.
    """
    sizes = np.array(counts)
    drawn = np.random.default_rng(seed).binomial(sizes, np.array(hits) / sizes, size=(DRAWS, len(sizes)))
    low, high = np.percentile((drawn / sizes).mean(axis=1), _OUTSIDE)
    return float(low), float(high)

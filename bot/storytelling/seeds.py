"""Seeds of stories: drawn, and the one with which a passage is written again."""

from __future__ import annotations

import secrets

SEEDS = 2**53
"""Seeds are below this: people read them and type them back, and Discord's integers end here."""


def new_seed() -> int:
    """Draw a seed for a story."""
    return secrets.randbelow(SEEDS)


def next_seed(seed: int) -> int:
    """Give the seed for another try of the same passage: always the same one, so that a typed seed can be repeated."""
    return (seed + 1) % SEEDS

"""From the free genre text of the film table to the six genres of the model."""

from __future__ import annotations

_RULES = (
    ("superhero", ("superhero",)),
    # A musical western is told as a comedy, so these words stand before the ones for action.
    ("drama", ("comedy", "musical", "parody")),
    ("action", ("action", "adventure", "war", "western", "spy", "swashbuckler")),
    ("thriller", ("thriller", "crime", "mystery", "noir")),
    ("horror", ("horror",)),
    ("sci_fi", ("sci-fi", "science fiction", "science-fiction", "sci fi", "scifi")),
)
"""Genre, and the words that mean it. The first line with a word in the text wins, as in the original model's data."""

OTHERWISE = "drama"
"""What everything else is told as."""


def genre_from(raw: str) -> str:
    """Give the name of one of the six genres for raw genre text such as ``crime, film noir``."""
    lowered = raw.lower()
    for genre, words in _RULES:
        if any(word in lowered for word in words):
            return genre
    return OTHERWISE

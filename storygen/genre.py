"""What a genre is: a word that the model was trained on, as a token of its own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Genre:
    """One genre of a checkpoint."""

    name: str
    """Identifier inside the token and in commands, such as ``sci_fi``: lower-case letters, digits, ``_``."""
    label: str
    """What people read, such as ``Sci-Fi``."""

    @property
    def token(self) -> str:
        """The control token that stands for this genre in a prompt, such as ``<sci_fi>``."""
        return f"<{self.name}>"


ORIGINAL_GENRES = (
    Genre("superhero", "Superhero"),
    Genre("sci_fi", "Sci-Fi"),
    Genre("horror", "Horror"),
    Genre("action", "Action"),
    Genre("thriller", "Thriller"),
    Genre("drama", "Drama"),
)
"""The six of the original model, ``pranavpsv/gpt2-genre-story-generator``. A checkpoint may name its own."""

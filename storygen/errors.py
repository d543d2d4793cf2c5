"""What can go wrong in storygen. An error carries data; whoever faces the person makes the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class StorygenError(Exception):
    """Parent of everything that storygen raises on purpose."""


class UnknownGenre(StorygenError):
    """The model was not trained on this genre."""

    def __init__(self, genre: str, known: Sequence[str]) -> None:
        super().__init__(f"unknown genre, known are {', '.join(known)}")
        self.genre = genre
        self.known = tuple(known)


class InvalidOption(StorygenError):
    """A sampling option lies outside its limits or is of the wrong type."""

    def __init__(self, field: str, value: object, minimum: float, maximum: float) -> None:
        super().__init__(f"{field}={value!r} is not within {minimum}..{maximum}")
        self.field = field
        self.value = value
        self.minimum = minimum
        self.maximum = maximum


class QueueFull(StorygenError):
    """So many stories wait that another would wait too long.

    ``waiting_seconds`` is how long it would probably wait, None where that is not known.
    """

    def __init__(self, limit: int, waiting_seconds: float | None = None) -> None:
        super().__init__(f"{limit} stories are waiting already")
        self.limit = limit
        self.waiting_seconds = waiting_seconds


class ShareFull(QueueFull):
    """The requests of one group fill all the places that one group may have; others still have room."""


class EngineStopped(StorygenError):
    """The engine is shutting down or was never started; it takes nothing more."""


class EngineFailed(StorygenError):
    """The worker that wrote this story ended with an error; its traceback is in the log."""


class OutOfMemory(StorygenError):
    """The device's memory was full: what asked for more got none, and everything else goes on."""


class NotOffered(StorygenError):
    """What another engine can do, this one can't; ``what`` names it, for the log."""

    def __init__(self, what: str) -> None:
        super().__init__(f"this engine does not offer {what}")
        self.what = what


class NoTurn(StorygenError):
    """The time for an exploration was over before the model came to it."""


class CheckpointError(StorygenError):
    """A checkpoint can't be found or read."""

    def __init__(self, checkpoint: str | Path, problem: str) -> None:
        super().__init__(f"{checkpoint}: {problem}")
        self.checkpoint = str(checkpoint)
        self.problem = problem

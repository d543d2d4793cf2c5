"""The seam between whoever wants stories and whatever writes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self

from storygen.generation import Generation
from storygen.genre import Genre
from storygen.story import StoryRequest


class EngineState(StrEnum):
    """What an engine is doing as a whole."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """A look at an engine, for ``/ping``, ``/queue`` and the log."""

    state: EngineState
    model: str
    device: str
    waiting: int
    """Requests in the queue."""
    running: int
    """Requests being written now."""


class Engine(Protocol):
    """Writes stories. All methods are called on one event loop and return without waiting for the model."""

    @property
    def genres(self) -> tuple[Genre, ...]:
        """The genres that can be asked for; known before the model is loaded."""
        ...

    def status(self) -> EngineStatus:
        """Say how the engine is."""
        ...

    def submit(self, request: StoryRequest) -> Generation:
        """Take a request at once; also while the model is still loading.

        Raises UnknownGenre, InvalidOption, QueueFull, EngineStopped; when no worker is left EngineFailed,
        or CheckpointError where the model could not be loaded.
        """
        ...

    async def __aenter__(self) -> Self:
        """Begin loading the model; does not wait for it."""
        ...

    async def __aexit__(self, *exception: object) -> None:
        """Stop: every stream that is open ends, then the threads end."""
        ...

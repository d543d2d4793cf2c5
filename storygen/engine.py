"""The seam between whoever wants stories and whatever writes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self

from storygen.exploration import Exploration, ExploreRequest
from storygen.generation import Generation
from storygen.genre import Genre
from storygen.story import StoryRequest


class EngineState(StrEnum):
    """What an engine is doing as a whole."""

    LOADING = "loading"
    READY = "ready"
    PAUSED = "paused"
    """It takes requests and goes on with what is being written, but begins nothing."""
    DRAINING = "draining"
    """It takes nothing more and finishes what it has."""
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """A look at one of the servers of a remote engine."""

    name: str
    """Its address without a path, a query or a password."""
    working: bool
    """It has answered, and the last time as it should."""
    running: int
    """Requests that are with it now."""


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
    waiting_seconds: float | None = None
    """How long a request that came now would probably wait for its turn; None where that is not known."""
    servers: tuple[ServerStatus, ...] = ()
    """The servers that write, where others than this process do."""


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

    async def explore(self, request: ExploreRequest) -> Exploration:
        """Give the odds of the next token, from the same place in the queue and the same code as a story's.

        Cancelling the caller gives up the place. Raises what ``submit`` raises, EngineStopped also where the engine
        stops meanwhile, NoTurn where the time was over before its turn, and NotOffered where the model is elsewhere.
        """
        ...

    def pause(self) -> None:
        """Begin nothing more until ``resume``: what is being written goes on, what comes waits."""
        ...

    def resume(self) -> None:
        """Begin stories again."""
        ...

    async def drain(self, timeout_seconds: float) -> bool:
        """Take nothing more and finish what is being written and what waits; say whether all ended in time.

        What is left after ``timeout_seconds`` goes on until somebody cancels it or leaves the engine's block.
        """
        ...

    async def __aenter__(self) -> Self:
        """Begin loading the model; does not wait for it."""
        ...

    async def __aexit__(self, *exception: object) -> None:
        """Stop: every stream that is open ends, then the threads end."""
        ...

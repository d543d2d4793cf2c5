"""Turn a genre and a prompt into a story: knows nothing of Discord, databases or .env files.

The public names are loaded when they are first used; none of them imports torch before a model is wanted.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # for type checkers and editors; at run time __getattr__ below finds the names
    from storygen.engine import Engine, EngineState, EngineStatus
    from storygen.engines.local import LocalEngine
    from storygen.errors import (
        CheckpointError,
        EngineFailed,
        EngineStopped,
        InvalidOption,
        NotOffered,
        NoTurn,
        QueueFull,
        StorygenError,
        UnknownGenre,
    )
    from storygen.exploration import Exploration, ExploreRequest
    from storygen.generation import Generation
    from storygen.genre import ORIGINAL_GENRES, Genre
    from storygen.pipeline import StoryGenerator
    from storygen.sampling import LIMITS, PRESETS, SamplingOptions, SamplingOverrides
    from storygen.story import FinishReason, Story, StoryRequest, Wanted

__all__ = [
    "LIMITS",
    "ORIGINAL_GENRES",
    "PRESETS",
    "CheckpointError",
    "Engine",
    "EngineFailed",
    "EngineState",
    "EngineStatus",
    "EngineStopped",
    "Exploration",
    "ExploreRequest",
    "FinishReason",
    "Generation",
    "Genre",
    "InvalidOption",
    "LocalEngine",
    "NoTurn",
    "NotOffered",
    "QueueFull",
    "SamplingOptions",
    "SamplingOverrides",
    "Story",
    "StoryGenerator",
    "StoryRequest",
    "StorygenError",
    "UnknownGenre",
    "Wanted",
]

_MODULES = ("engine", "engines.local", "errors", "exploration", "generation", "genre", "pipeline", "sampling", "story")


def __getattr__(name: str) -> object:
    if name in __all__:
        for module in map(import_module, (f"{__name__}.{each}" for each in _MODULES)):
            if name in vars(module):
                return vars(module)[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""What the contract tests ask of a remote engine, and the built-in model that the servers run."""

from __future__ import annotations

from typing import Any

from storygen.engine import Engine
from storygen.sampling import SamplingOptions
from storygen.story import Story, StoryRequest

PROMPT = "In the old house a child heard the walls breathe, and"


def request(*, seed: int = 5, deadline: float = 100.0, **options: Any) -> StoryRequest:
    """Ask for a story of up to 60 tokens, unless the options say otherwise."""
    complete = SamplingOptions(**{"max_new_tokens": 60, **options})
    return StoryRequest(genre="horror", prompt=PROMPT, options=complete, seed=seed, deadline_seconds=deadline)


async def told(engine: Engine, wanted: StoryRequest) -> Story:
    """Have it told to its end."""
    async with engine.submit(wanted) as generation:
        return await generation.story()

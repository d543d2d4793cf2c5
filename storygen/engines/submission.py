"""A request on its way through the engine: written by the event loop, read by one worker; no field needs a lock."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from storygen.engines.story_writer import OpenStory
from storygen.exploration import ExploreRequest, NextTokens
from storygen.generation import Generation
from storygen.story import FinishReason, Story, StoryRequest
from storygen.titles import answer_for


@dataclass(slots=True, eq=False)
class Submission:
    """A request, the stream that answers it, and whether somebody wants it to stop."""

    request: StoryRequest
    generation: Generation = field(init=False)
    """Set once by the event loop, before a worker can see the submission."""
    cancelled: bool = False
    """Set by the event loop, read by the worker before each step."""
    submitted_at: float = field(default_factory=time.monotonic)
    started_at: float | None = None
    """When a worker took it."""
    explore: ExploreRequest | None = None
    """Where not a story is wanted but the odds of its first token; ``request`` then asks for that token alone."""
    next_tokens: NextTokens | None = None
    """Written by the worker before the stream ends: the odds that were asked for."""

    @property
    def seconds_left(self) -> float:
        """Seconds until its deadline; below 0 after it."""
        return self.submitted_at + self.request.deadline_seconds - time.monotonic()

    def stop_reason(self) -> FinishReason | None:
        """Say why it should stop now, if it should."""
        if self.cancelled:
            return FinishReason.CANCELLED
        if self.seconds_left <= 0:
            return FinishReason.DEADLINE
        return None

    def story(self, reason: FinishReason, model: str, opened: OpenStory | None = None) -> Story:
        """Give the story as it stands, ended for ``reason``; without ``opened`` nothing was written."""
        now = time.monotonic()
        started_at = now if self.started_at is None else self.started_at
        return Story(
            text=answer_for(self.request, opened.stream.text if opened else "", reason),
            finish_reason=reason,
            seed=self.request.seed,
            model=model,
            prompt_tokens=opened.prompt_tokens if opened else 0,
            new_tokens=opened.new_tokens if opened else 0,
            prompt_was_cut=opened.prompt_was_cut if opened else False,
            waiting_seconds=started_at - self.submitted_at,
            writing_seconds=now - started_at,
        )

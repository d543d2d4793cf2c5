"""An engine with a meter on it: does what the engine does, and counts."""

from __future__ import annotations

from functools import partial
from typing import Self

from bot.monitoring.metrics import Metrics
from storygen.engine import Engine, EngineStatus
from storygen.errors import StorygenError
from storygen.exploration import Exploration, ExploreRequest
from storygen.generation import Generation
from storygen.genre import Genre
from storygen.story import Story, StoryRequest, Wanted

FAILED = "failed"
"""Beside the finish reasons of ``storygen.story``: the stream ended with an error."""


class MeteredEngine:
    """Passes everything on to ``engine``; see ``storygen.engine.Engine``."""

    def __init__(self, engine: Engine, metrics: Metrics) -> None:
        self._engine = engine
        self._metrics = metrics

    @property
    def genres(self) -> tuple[Genre, ...]:
        """The genres that can be asked for."""
        return self._engine.genres

    def status(self) -> EngineStatus:
        """Say how the engine is."""
        return self._engine.status()

    def submit(self, request: StoryRequest) -> Generation:
        """Take a request at once, and note how it ends. Raises what the engine raises."""
        if request.wants is not Wanted.TEXT:
            return self._engine.submit(request)
        try:
            generation = self._engine.submit(request)
        except StorygenError as error:
            self._metrics.refused.labels(type(error).__name__).inc()
            raise
        # The engine has looked the genre up: it is one of a few, not what somebody typed.
        self._metrics.begun.labels(request.genre).inc()
        generation.when_done(partial(self._ended, generation))
        return generation

    async def explore(self, request: ExploreRequest) -> Exploration:
        """Give the odds of the next token. Raises what the engine raises."""
        return await self._engine.explore(request)

    def pause(self) -> None:
        """Begin nothing more until ``resume``."""
        self._engine.pause()

    def resume(self) -> None:
        """Begin stories again."""
        self._engine.resume()

    async def drain(self, timeout_seconds: float) -> bool:
        """Take nothing more and finish what is being written and what waits; say whether all ended in time."""
        return await self._engine.drain(timeout_seconds)

    async def __aenter__(self) -> Self:
        await self._engine.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._engine.__aexit__(*exception)

    def _ended(self, generation: Generation, story: Story | None) -> None:
        reason = FAILED if story is None else story.finish_reason.value
        self._metrics.ended.labels(generation.request.genre, reason).inc()
        if generation.first_words_at is not None:
            self._metrics.first_words_seconds.observe(generation.first_words_at - generation.asked_at)
        if story is None:
            return
        self._metrics.waiting_seconds.observe(story.waiting_seconds)
        self._metrics.tokens.labels("prompt").inc(story.prompt_tokens)
        self._metrics.tokens.labels("new").inc(story.new_tokens)

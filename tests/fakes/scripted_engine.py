"""An engine that writes what a test says, when it says so: for models that fail, hang, or write nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from storygen.engine import EngineState, EngineStatus
from storygen.generation import Failed, Finished, Generation, Piece
from storygen.genre import ORIGINAL_GENRES, Genre
from storygen.story import FinishReason, Story, StoryRequest


def story(request: StoryRequest, text: str, reason: FinishReason = FinishReason.EOS) -> Story:
    """Give a story for a request, with made-up figures."""
    return Story(
        text=text,
        finish_reason=reason,
        seed=request.seed,
        model="scripted",
        prompt_tokens=len(request.prompt.split()),
        new_tokens=len(text.split()),
        prompt_was_cut=False,
        waiting_seconds=0.0,
        writing_seconds=0.5,
    )


@dataclass(slots=True)
class ScriptedEngine:
    """Answers the n-th request with the n-th text or error of ``script``; beyond the script, the test has to.

    With ``deaf``, asking it to stop has no effect, as with a model that hangs inside a step.
    """

    script: list[str | Exception] = field(default_factory=list)
    refuse: Exception | None = None
    deaf: bool = False
    generations: list[Generation] = field(default_factory=list)

    @property
    def genres(self) -> tuple[Genre, ...]:
        """The six of the original."""
        return ORIGINAL_GENRES

    @property
    def requests(self) -> list[StoryRequest]:
        """What was asked for so far."""
        return [generation.request for generation in self.generations]

    def status(self) -> EngineStatus:
        """Say that all is well."""
        running = sum(not generation.done for generation in self.generations)
        return EngineStatus(state=EngineState.READY, model="scripted", device="none", waiting=0, running=running)

    def submit(self, request: StoryRequest) -> Generation:
        """Take a request; the answer of the script is there at once."""
        if self.refuse is not None:
            raise self.refuse
        generation = Generation(request, 1, self._canceller(len(self.generations)))
        self.generations.append(generation)
        if len(self.generations) <= len(self.script):
            self.answer(self.script[len(self.generations) - 1])
        return generation

    def answer(self, answer: str | Exception, reason: FinishReason = FinishReason.EOS) -> None:
        """End the newest generation with a text or an error."""
        self._end(len(self.generations) - 1, answer, reason)

    def answer_first(self, answer: str | Exception, reason: FinishReason = FinishReason.EOS) -> None:
        """End the oldest generation."""
        self._end(0, answer, reason)

    def pause(self) -> None:
        """Do nothing: only the test says what is written when."""

    def resume(self) -> None:
        """Do nothing, see ``pause``."""

    async def drain(self, timeout_seconds: float) -> bool:
        """Wait until all that was asked for has ended; say whether it has."""
        for generation in self.generations:
            with suppress(TimeoutError):
                await asyncio.wait_for(generation.ended(), timeout_seconds)
        return all(generation.done for generation in self.generations)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        return

    def _canceller(self, number: int) -> Callable[[], None]:
        def cancel() -> None:
            if not self.deaf:
                self._end(number, "", FinishReason.CANCELLED)

        return cancel

    def _end(self, number: int, answer: str | Exception, reason: FinishReason) -> None:
        generation = self.generations[number]
        if isinstance(answer, Exception):
            generation.receive(Failed(answer))
            return
        generation.receive(Piece(answer))
        generation.receive(Finished(story(generation.request, generation.text, reason)))

"""An engine that writes what a test says, when it says so: for models that fail, hang, or write nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from storygen.engine import EngineState, EngineStatus
from storygen.exploration import Exploration, ExploreRequest, NextTokens, Stage, TokenOdds
from storygen.generation import Failed, Finished, Generation, Piece
from storygen.genre import ORIGINAL_GENRES, Genre
from storygen.story import FinishReason, Story, StoryRequest, Wanted


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


def exploration(request: ExploreRequest) -> Exploration:
    """Give an exploration of a language with two tokens, the second of which top_p cuts off."""
    options = request.options
    values = (options.repetition_penalty, options.temperature, options.top_k, options.top_p)
    names = ("repetition_penalty", "temperature", "top_k", "top_p")
    left = ((2, 1.6, 0.0), (2, 1.5, 0.0), (2, 1.5, 0.0), (1, 1.0, 0.2))
    return Exploration(
        genre=request.genre,
        prompt=request.prompt,
        options=options,
        model="scripted",
        prompt_tokens=len(request.prompt.split()),
        prompt_was_cut=False,
        next_tokens=NextTokens(
            vocabulary=2,
            choices=1.6,
            tokens=(
                TokenOdds(text=" on", rank=1, logit=2.0, probability=0.75, after=(0.75, 0.8, 0.8, 1.0)),
                TokenOdds(text="e", rank=2, logit=0.9, probability=0.25, after=(0.25, 0.2, 0.2, 0.0), cut_by="top_p"),
            ),
            edges=(),
            stages=tuple(
                Stage(option=name, value=value, tokens=tokens, choices=choices, cut=cut)
                for name, value, (tokens, choices, cut) in zip(names, values, left, strict=True)
            ),
        ),
    )


@dataclass(slots=True)
class ScriptedEngine:
    """Answers the n-th request with the n-th text or error of ``script``; beyond the script, the test has to.

    With ``deaf``, asking it to stop has no effect, as with a model that hangs inside a step.
    """

    script: list[str | Exception] = field(default_factory=list)
    title: str | Exception | None = ""
    """The answer to who asks for a title, outside of the script; None lets them wait."""
    titles: list[Generation] = field(default_factory=list)
    refuse: Exception | None = None
    deaf: bool = False
    generations: list[Generation] = field(default_factory=list)
    explored: list[ExploreRequest] = field(default_factory=list)

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
        if request.wants is Wanted.TITLE:
            return self._titled(request)
        generation = Generation(request, 1, self._canceller(len(self.generations)))
        self.generations.append(generation)
        if len(self.generations) <= len(self.script):
            self.answer(self.script[len(self.generations) - 1])
        return generation

    def _titled(self, request: StoryRequest) -> Generation:
        generation = Generation(request, 1, lambda: None)
        self.titles.append(generation)
        if isinstance(self.title, Exception):
            generation.receive(Failed(self.title))
        elif self.title is not None:
            generation.receive(Finished(story(request, self.title)))
        return generation

    def answer(self, answer: str | Exception, reason: FinishReason = FinishReason.EOS) -> None:
        """End the newest generation with a text or an error."""
        self._end(len(self.generations) - 1, answer, reason)

    def answer_first(self, answer: str | Exception, reason: FinishReason = FinishReason.EOS) -> None:
        """End the oldest generation."""
        self._end(0, answer, reason)

    async def explore(self, request: ExploreRequest) -> Exploration:
        """Give made-up odds, or raise what the test says."""
        self.explored.append(request)
        if self.refuse is not None:
            raise self.refuse
        return exploration(request)

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

"""One stream of text that always ends: the reader's half on the event loop, fed from any thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from storygen.story import Story, StoryRequest


@dataclass(frozen=True, slots=True)
class Moved:
    """The request now stands at ``position`` in the queue (1 is next); 0 means that it is being written."""

    position: int
    waiting_seconds: float | None = None
    """How long it will probably wait from now on; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Piece:
    """More text, whole characters only."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finished:
    """The story ended; nothing comes after this."""

    story: Story


@dataclass(frozen=True, slots=True)
class Failed:
    """The story can't be finished; nothing comes after this."""

    error: Exception


Event = Moved | Piece | Finished | Failed


class Generation:
    """A story while it is being written. Lives on one event loop.

    Leaving its ``async with`` block for any reason cancels what still runs.
    It ends with a Story, also when cancelled, or raises what went wrong.
    """

    def __init__(self, request: StoryRequest, position: int, cancel: Callable[[], None]) -> None:
        self.request = request
        self.asked_at = time.monotonic()
        self.first_words_at: float | None = None
        """When the first text came, by the same clock; None while there is none."""
        self._cancel = cancel
        self._position = position
        self._turn_at: float | None = None
        self._text = ""
        self._outcome: asyncio.Future[Story] = asyncio.get_running_loop().create_future()
        self._outcome.add_done_callback(_retrieve_exception)
        self._changed = asyncio.Event()

    @property
    def position(self) -> int:
        """Place in the queue: 1 is next, 0 is being written or over."""
        return self._position

    @property
    def waiting_seconds(self) -> float | None:
        """How long it will probably wait from now on; None where that is not known, 0 when its turn has come."""
        if self._position == 0:
            return 0.0
        return None if self._turn_at is None else max(self._turn_at - time.monotonic(), 0.0)

    @property
    def text(self) -> str:
        """Everything written so far."""
        return self._text

    @property
    def done(self) -> bool:
        """Whether the stream has ended, well or not."""
        return self._outcome.done()

    def cancel(self) -> None:
        """Ask the model to stop before its next step; the story then ends as CANCELLED with what it has."""
        if not self.done:
            self._cancel()

    def when_done(self, callback: Callable[[Story | None], object]) -> None:
        """Have ``callback`` called soon after the end, with the story, or None where it failed."""
        self._outcome.add_done_callback(lambda outcome: callback(None if outcome.exception() else outcome.result()))

    async def ended(self) -> None:
        """Wait for the end, good or bad."""
        await asyncio.wait([self._outcome])

    async def story(self) -> Story:
        """Wait for the end and give the story, or raise what went wrong."""
        return await asyncio.shield(self._outcome)

    async def changed(self) -> None:
        """Wait until there is more text, another place in the queue, or the end. Returns at once after the end.

        For one reader at a time: a change is forgotten once it was reported.
        """
        if not self.done:
            await self._changed.wait()
            self._changed.clear()

    async def __aiter__(self) -> AsyncIterator[str]:
        """Give the text piece by piece; after the last piece raise what went wrong, if anything did."""
        seen = 0
        while True:
            if len(self._text) > seen:
                piece, seen = self._text[seen:], len(self._text)
                yield piece
            elif self.done:
                await self.story()
                return
            else:
                await self.changed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.cancel()

    def receive(self, event: Event) -> None:
        """Take what the engine says. On the event loop only; whatever comes after the end is dropped."""
        if self.done:
            return
        match event:
            case Moved(position, waiting_seconds):
                if self._position == 0:  # who has begun does not go back: this was on its way when the turn came
                    return
                self._position = position
                self._turn_at = None if waiting_seconds is None else time.monotonic() + waiting_seconds
            case Piece(text):
                if text and self.first_words_at is None:
                    self.first_words_at = time.monotonic()
                self._text += text
            case Finished(story):
                self._position = 0
                self._outcome.set_result(story)
            case Failed(error):
                self._position = 0
                self._outcome.set_exception(error)
        self._changed.set()


def deliver(loop: asyncio.AbstractEventLoop, events: Iterable[tuple[Generation, Event]]) -> None:
    """Bring one step's events of all rows to their readers in one hop. From any thread; a closed loop is no error."""
    batch = list(events)
    if not batch:
        return
    try:
        loop.call_soon_threadsafe(_receive_all, batch)
    except RuntimeError:
        if not loop.is_closed():
            raise


def _receive_all(batch: list[tuple[Generation, Event]]) -> None:
    for generation, event in batch:
        generation.receive(event)


def _retrieve_exception(outcome: asyncio.Future[Story]) -> None:
    """Mark a failure as seen: a reader that has left is no reason for asyncio to complain."""
    if not outcome.cancelled():
        outcome.exception()

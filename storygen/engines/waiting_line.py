"""Where the event loop and the workers meet: every method takes the one lock, briefly; any thread may call.

Events are handed to the event loop while the lock is held, so that a reader sees places change in
the order in which they changed.
"""

from __future__ import annotations

import asyncio
import threading

from storygen.engines.scheduler import Scheduler
from storygen.engines.submission import Submission
from storygen.errors import CheckpointError, EngineFailed, EngineStopped, StorygenError
from storygen.generation import Event, Failed, Finished, Generation, Moved, deliver
from storygen.story import FinishReason


class WaitingLine:
    """The requests that no worker has taken yet. It closes when the engine stops or its last worker is lost."""

    def __init__(self, *, limit: int, workers: int, model: str, loop: asyncio.AbstractEventLoop) -> None:
        self._scheduler: Scheduler[Submission] = Scheduler(limit)
        self._workers = workers
        self._model = model
        self._loop = loop
        self._changed = threading.Condition()
        self._closed = False
        self._failure: BaseException | None = None

    @property
    def closed(self) -> bool:
        """Whether the engine is stopping; a worker ends its rows when it sees this."""
        return self._closed

    @property
    def failure(self) -> BaseException | None:
        """What the last worker died of, when none is left."""
        return self._failure

    def __len__(self) -> int:
        with self._changed:
            return len(self._scheduler)

    def join(self, submission: Submission) -> int:
        """Put a request at the end and give its place. Raises QueueFull, EngineStopped, or as ``failed``."""
        with self._changed:
            if self._failure is not None:
                raise failed(self._failure)
            if self._closed:
                raise EngineStopped("the engine is stopping")
            place = self._scheduler.add(submission)
            self._changed.notify()
            return place

    def take(self, *, wait: bool) -> Submission | None:
        """Give a worker who is next; None when nobody waits, or, after waiting, when the line has closed."""
        with self._changed:
            while wait and not self._closed and not len(self._scheduler):
                self._changed.wait()
            submission = self._scheduler.next()
            if submission is not None:
                self._deliver([(submission.generation, Moved(0)), *self._moves()])
            return submission

    def leave(self, submission: Submission, reason: FinishReason) -> bool:
        """End a request that still waits; False when a worker has it already, or it has ended."""
        with self._changed:
            if not self._scheduler.discard(submission):
                return False
            end = Finished(submission.story(reason, self._model))
            self._deliver([(submission.generation, end), *self._moves()])
            return True

    def close(self) -> None:
        """Take nothing more; who waits ends as CANCELLED, and workers wake up to leave."""
        with self._changed:
            self._closed = True
            left = self._scheduler.clear()
            self._deliver(
                [(each.generation, Finished(each.story(FinishReason.CANCELLED, self._model))) for each in left]
            )
            self._changed.notify_all()

    def worker_left(self, failure: BaseException | None) -> None:
        """Note that a worker's thread ends. When the last one fails, everyone who waits fails too."""
        with self._changed:
            self._workers -= 1
            if failure is None or self._workers:
                return
            self._failure = failure
            self._deliver([(each.generation, Failed(failed(failure))) for each in self._scheduler.clear()])

    def _moves(self) -> list[tuple[Generation, Event]]:
        return [(submission.generation, Moved(place)) for submission, place in self._scheduler.places()]

    def _deliver(self, events: list[tuple[Generation, Event]]) -> None:
        deliver(self._loop, events)


def failed(cause: BaseException) -> StorygenError:
    """Give one stream's own error for what befell a worker; one shared by many readers would mix their traces."""
    error: StorygenError
    if isinstance(cause, CheckpointError):
        error = CheckpointError(cause.checkpoint, cause.problem)
    else:
        error = EngineFailed("the worker ended with an error")
    error.__cause__ = cause
    return error

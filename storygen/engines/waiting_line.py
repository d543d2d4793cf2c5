"""Where the event loop and the workers meet: every method takes the one lock, briefly; any thread may call.

What a request meets, its turn or its end, is handed to the event loop while the lock is held, in the order in
which it happens. How the others' places change by it is told by a ``PlaceTeller``, which is only asked here.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from storygen.engines.scheduler import Scheduler
from storygen.engines.submission import Submission
from storygen.errors import CheckpointError, EngineFailed, EngineStopped, OutOfMemory, StorygenError
from storygen.generation import Event, Failed, Finished, Generation, Moved, deliver
from storygen.story import FinishReason


class WaitingLine:
    """The requests that no worker has taken yet. It closes when the engine stops or its last worker is lost.

    ``moved`` is called, under the lock, when places may have changed.
    """

    def __init__(
        self,
        scheduler: Scheduler[Submission],
        *,
        workers: int,
        model: str,
        loop: asyncio.AbstractEventLoop,
        moved: Callable[[], None],
    ) -> None:
        self._scheduler = scheduler
        self._workers = workers
        self._model = model
        self._loop = loop
        self._moved = moved
        self._changed = threading.Condition()
        self._paused = False
        self._refusing = False
        self._closed = False
        self._failure: BaseException | None = None

    @property
    def closed(self) -> bool:
        """Whether the engine is stopping; a worker ends its rows when it sees this."""
        return self._closed

    @property
    def paused(self) -> bool:
        """Whether nobody's turn comes for now."""
        return self._paused

    @property
    def refusing(self) -> bool:
        """Whether it takes nobody more."""
        return self._refusing

    @property
    def failure(self) -> BaseException | None:
        """What the last worker died of, when none is left."""
        return self._failure

    def __len__(self) -> int:
        with self._changed:
            return len(self._scheduler)

    def join(self, submission: Submission) -> int:
        """Take a request in and give its place. Raises QueueFull, EngineStopped, or as ``failed``."""
        with self._changed:
            if self._failure is not None:
                raise failed(self._failure)
            if self._closed or self._refusing:
                raise EngineStopped("the engine is stopping")
            place = self._scheduler.add(submission, user=submission.request.user, group=submission.request.group)
            self._changed.notify()
            self._moved()
            return place

    def take(self, *, wait: bool) -> Submission | None:
        """Give a worker who is next; None when nobody's turn has come, or, after waiting, when the line has closed."""
        with self._changed:
            while wait and not self._closed and not self._has_next():
                self._changed.wait()
            if not self._has_next():
                return None
            submission = self._scheduler.next()
            if submission is not None:
                self._deliver([(submission.generation, Moved(0))])
                self._moved()
            return submission

    def leave(self, submission: Submission, reason: FinishReason) -> bool:
        """End a request that still waits; False when a worker has it already, or it has ended."""
        with self._changed:
            if not self._scheduler.discard(submission):
                return False
            self._deliver([(submission.generation, Finished(submission.story(reason, self._model)))])
            self._moved()
            return True

    def in_order(self) -> list[Submission]:
        """Give everyone who waits, who is next first."""
        with self._changed:
            return self._scheduler.in_order()

    def pause(self) -> None:
        """Give workers nobody until ``resume``."""
        with self._changed:
            self._paused = True
            self._moved()

    def resume(self) -> None:
        """Give workers who is next again."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()
            self._moved()

    def refuse(self) -> None:
        """Take nobody more; those who are in it keep their place."""
        with self._changed:
            self._refusing = True

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

    def _has_next(self) -> bool:
        return bool(len(self._scheduler)) and not self._paused

    def _deliver(self, events: list[tuple[Generation, Event]]) -> None:
        deliver(self._loop, events)


def failed(cause: BaseException) -> StorygenError:
    """Give one stream's own error for what befell a worker; one shared by many readers would mix their traces."""
    error: StorygenError
    if isinstance(cause, CheckpointError):
        error = CheckpointError(cause.checkpoint, cause.problem)
    elif isinstance(cause, OutOfMemory):
        error = OutOfMemory()
    else:
        error = EngineFailed("the worker ended with an error")
    error.__cause__ = cause
    return error

"""The engine in this process: accepts on the event loop, writes on worker threads. Here all runs on the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Self

from storygen.checkpoint import read_info
from storygen.engine import EngineState, EngineStatus
from storygen.engines.story_writer import StoryWriter, load_writer
from storygen.engines.submission import Submission
from storygen.engines.waiting_line import WaitingLine
from storygen.engines.worker import Worker
from storygen.errors import EngineStopped, InvalidOption, UnknownGenre
from storygen.generation import Generation, Moved
from storygen.genre import Genre
from storygen.sampling import check
from storygen.story import FinishReason, StoryRequest

MAX_SEED = 2**63 - 1
STOP_TIMEOUT = 15.0
"""Seconds to wait for a thread at the end; a step takes a fraction of one, loading a model may take several."""

log = logging.getLogger(__name__)


class LocalEngine:
    """Writes stories with a checkpoint in this process; see ``storygen.engine.Engine``.

    Each of ``workers`` threads has a model copy of its own and writes up to ``rows`` stories at once;
    ``queue_limit`` more may wait. ``threads`` is the number of CPU threads a worker, 0 for all cores but one.
    ``load`` gives a worker its writer and is called on the worker's thread.
    Making one raises CheckpointError where ``story.json`` is damaged.
    """

    def __init__(
        self,
        checkpoint: str,
        *,
        device: str = "cpu",
        workers: int = 1,
        rows: int = 8,
        queue_limit: int = 64,
        threads: int = 0,
        load: Callable[[], StoryWriter] | None = None,
    ) -> None:
        self._info = read_info(checkpoint)
        self._device = device
        self._queue_limit = queue_limit
        self._worker_count = workers
        self._load = load or partial(
            load_writer, checkpoint, device=device, rows=rows, threads=threads, workers=workers
        )
        self._line: WaitingLine | None = None
        self._workers: list[Worker] = []

    @property
    def genres(self) -> tuple[Genre, ...]:
        """The genres that can be asked for; known before the model is loaded."""
        return self._info.genres

    def status(self) -> EngineStatus:
        """Say how the engine is."""
        devices = [worker.device for worker in self._workers if worker.device]
        return EngineStatus(
            state=self._state(),
            model=self._info.name,
            device=devices[0] if devices else self._device,
            waiting=len(self._line) if self._line else 0,
            running=sum(worker.running for worker in self._workers),
        )

    def check(self, request: StoryRequest) -> None:
        """Raise UnknownGenre or InvalidOption for a request that ``submit`` would refuse."""
        known = [genre.name for genre in self.genres]
        if request.genre not in known:
            raise UnknownGenre(request.genre, known)
        check(request.options)
        if not 0 <= request.seed <= MAX_SEED:
            raise InvalidOption("seed", request.seed, 0, MAX_SEED)

    def submit(self, request: StoryRequest) -> Generation:
        """Take a request at once; also while the model is still loading.

        Raises UnknownGenre, InvalidOption, QueueFull, EngineStopped; when no worker is left EngineFailed,
        or CheckpointError where the model could not be loaded.
        """
        self.check(request)
        if self._line is None:
            raise EngineStopped("the engine was not started")
        submission = Submission(request)
        submission.generation = Generation(request, len(self._line) + 1, partial(self._cancel, submission))
        place = self._line.join(submission)
        submission.generation.receive(Moved(place))
        asyncio.get_running_loop().call_later(request.deadline_seconds, self._expire, submission)
        return submission.generation

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._line = WaitingLine(limit=self._queue_limit, workers=self._worker_count, model=self._info.name, loop=loop)
        self._workers = [
            Worker(f"storygen-worker-{number}", line=self._line, loop=loop, load=self._load)
            for number in range(self._worker_count)
        ]
        for worker in self._workers:
            worker.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._line is not None:
            self._line.close()
        ended = await asyncio.to_thread(lambda: [worker.join(STOP_TIMEOUT) for worker in self._workers])
        if not all(ended):
            log.warning("%d worker threads did not end in %.0f s", ended.count(False), STOP_TIMEOUT)

    def _state(self) -> EngineState:
        if self._line is None or self._line.closed:
            return EngineState.STOPPED
        if self._line.failure is not None:
            return EngineState.FAILED
        ready = any(worker.state is EngineState.READY for worker in self._workers)
        return EngineState.READY if ready else EngineState.LOADING

    def _cancel(self, submission: Submission) -> None:
        submission.cancelled = True
        if self._line is not None:
            self._line.leave(submission, FinishReason.CANCELLED)

    def _expire(self, submission: Submission) -> None:
        """End a request that waited through its whole time; one that is being written ends at the worker."""
        if self._line is not None:
            self._line.leave(submission, FinishReason.DEADLINE)

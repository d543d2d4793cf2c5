"""The engine in this process: accepts on the event loop, writes on worker threads. Here all runs on the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

from storygen.checkpoint import read_info
from storygen.engine import EngineState, EngineStatus
from storygen.engines.choice_file import ChoiceFile
from storygen.engines.loading import load_writer
from storygen.engines.outlook import Outlook
from storygen.engines.place_teller import PlaceTeller
from storygen.engines.scheduler import Scheduler
from storygen.engines.story_writer import StoryWriter
from storygen.engines.submission import Submission
from storygen.engines.trial import trials
from storygen.engines.waiting_line import WaitingLine
from storygen.engines.worker import Worker
from storygen.errors import EngineStopped, InvalidOption, NoTurn, QueueFull, UnknownGenre
from storygen.exploration import Exploration, ExploreRequest
from storygen.generation import Finished, Generation, Moved
from storygen.genre import Genre
from storygen.sampling import LIMITS, check
from storygen.story import FinishReason, Story, StoryRequest, Wanted
from storygen.titles import TITLE_LIMITS

MAX_SEED = 2**63 - 1
STOP_TIMEOUT = 15.0
"""Seconds to wait for a thread at the end; a step takes a fraction of one, loading a model may take several."""

log = logging.getLogger(__name__)


class LocalEngine:
    """Writes stories with a checkpoint in this process; see ``storygen.engine.Engine``.

    Each of ``workers`` threads has a model copy of its own and writes up to ``rows`` stories at once;
    ``queue_limit`` more may wait, of which one group may fill the part ``queue_share``.
    ``threads`` is the number of CPU threads a worker, 0 for all cores but one.
    ``dtype`` is the weights' number format, ``auto`` what is fastest here; see ``number_format``.
    ``choice_file`` remembers what that was, so that it stays; without one it is measured at every start.
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
        queue_share: float = 1.0,
        threads: int = 0,
        dtype: str = "auto",
        choice_file: Path | None = None,
        load: Callable[[], StoryWriter] | None = None,
    ) -> None:
        self._info = read_info(checkpoint)
        self._device = device
        self._scheduler: Scheduler[Submission] = Scheduler(queue_limit, share=queue_share)
        self._worker_count = workers
        self._rows = rows
        self._load = load or partial(
            load_writer,
            checkpoint,
            device=device,
            rows=rows,
            threads=threads,
            workers=workers,
            dtype=dtype,
            choice_file=ChoiceFile(choice_file) if choice_file else None,
        )
        self._line: WaitingLine | None = None
        self._workers: list[Worker] = []
        self._outlook: Outlook | None = None
        self._teller: PlaceTeller | None = None
        self._open: set[Generation] = set()

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
            waiting_seconds=self._outlook.behind_all() if self._outlook else None,
        )

    def check(self, request: StoryRequest) -> None:
        """Raise UnknownGenre or InvalidOption for a request that ``submit`` would refuse."""
        known = [genre.name for genre in self.genres]
        if request.genre not in known:
            raise UnknownGenre(request.genre, known)
        check(request.options, LIMITS if request.wants is Wanted.TEXT else TITLE_LIMITS)
        if not 0 <= request.seed <= MAX_SEED:
            raise InvalidOption("seed", request.seed, 0, MAX_SEED)

    def submit(self, request: StoryRequest) -> Generation:
        """Take a request at once; also while the model is still loading.

        Raises UnknownGenre, InvalidOption, QueueFull, EngineStopped; when no worker is left EngineFailed,
        or CheckpointError where the model could not be loaded.
        """
        self.check(request)
        return self._accept(Submission(request))

    async def explore(self, request: ExploreRequest) -> Exploration:
        """Give the odds of the next token, from the same place in the queue and the same code as a story's.

        Cancelling the caller gives up the place. Raises what ``submit`` raises, EngineStopped also where the engine
        stops meanwhile, and NoTurn where the time was over before its turn.
        """
        asked = request.as_story()
        self.check(asked)
        submission = Submission(replace(asked, options=replace(asked.options, max_new_tokens=1)), explore=request)
        async with self._accept(submission) as generation:
            story = await generation.story()
        if submission.next_tokens is None:
            raise NoTurn if story.finish_reason is FinishReason.DEADLINE else EngineStopped("the engine is stopping")
        return Exploration(
            genre=request.genre,
            prompt=request.prompt,
            options=request.options,
            model=story.model,
            prompt_tokens=story.prompt_tokens,
            prompt_was_cut=story.prompt_was_cut,
            next_tokens=submission.next_tokens,
        )

    def _accept(self, submission: Submission) -> Generation:
        """Put a checked request into the line."""
        line, request = self._started(), submission.request
        generation = Generation(request, len(line) + 1, partial(self._cancel, submission))
        submission.generation = generation
        if request.wants is Wanted.TITLE and not self._info.titles:
            generation.receive(Finished(submission.story(FinishReason.EOS, self._info.name)))
            return generation
        generation.receive(Moved(self._join(line, submission)))
        self._open.add(generation)
        expiry = asyncio.get_running_loop().call_later(request.deadline_seconds, self._expire, submission)
        generation.when_done(partial(self._ended, submission, expiry))
        return generation

    def pause(self) -> None:
        """Begin nothing more until ``resume``. Raises EngineStopped where it was not started."""
        self._started().pause()

    def resume(self) -> None:
        """Begin stories again. Raises EngineStopped where it was not started."""
        self._started().resume()

    async def drain(self, timeout_seconds: float) -> bool:
        """Take nothing more and finish what is being written and what waits; say whether all ended in time.

        A pause ends by it. Raises EngineStopped where it was not started.
        """
        line = self._started()
        line.refuse()
        line.resume()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                for generation in list(self._open):
                    await generation.ended()
        return all(generation.done for generation in self._open)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        # The three know each other: a change in the line is looked at with the workers and then told.
        self._teller = PlaceTeller(loop, lambda: self._outlook.look() if self._outlook else [])
        self._line = WaitingLine(
            self._scheduler, workers=self._worker_count, model=self._info.name, loop=loop, moved=self._teller.ask
        )
        self._workers = [
            Worker(
                f"storygen-worker-{number}",
                line=self._line,
                loop=loop,
                load=self._load,
                trials=trials(self._rows, self.genres[0].name),
            )
            for number in range(self._worker_count)
        ]
        self._outlook = Outlook(self._line, self._workers)
        for worker in self._workers:
            worker.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._line is not None:
            self._line.close()
        if self._teller is not None:
            self._teller.stop()
        ended = await asyncio.to_thread(lambda: [worker.join(STOP_TIMEOUT) for worker in self._workers])
        if not all(ended):
            log.warning("%d worker threads did not end in %.0f s", ended.count(False), STOP_TIMEOUT)

    def _started(self) -> WaitingLine:
        if self._line is None:
            raise EngineStopped("the engine was not started")
        return self._line

    def _join(self, line: WaitingLine, submission: Submission) -> int:
        try:
            return line.join(submission)
        except QueueFull as error:
            error.waiting_seconds = self._outlook.behind_all() if self._outlook else None
            raise

    def _ended(self, submission: Submission, expiry: asyncio.TimerHandle, story: Story | None) -> None:
        self._open.discard(submission.generation)
        expiry.cancel()
        if story is not None and submission.explore is None and self._outlook is not None:
            self._outlook.learn(submission.request, story)

    def _state(self) -> EngineState:
        if self._line is None or self._line.closed:
            return EngineState.STOPPED
        if self._line.failure is not None:
            return EngineState.FAILED
        if self._line.refusing:
            return EngineState.DRAINING
        if self._line.paused:
            return EngineState.PAUSED
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

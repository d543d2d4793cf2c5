"""One thread that writes stories with a model copy of its own. All runs on that thread, save start and join.

Every stream that a worker takes ends: each way out of its loop finishes or fails what is left.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from storygen.engine import EngineState
from storygen.engines import trial
from storygen.engines.forecast import Ask, Desk
from storygen.engines.pace import Pace
from storygen.engines.story_writer import OpenStory, Progress, StoryWriter
from storygen.engines.submission import Submission
from storygen.engines.waiting_line import WaitingLine, failed
from storygen.errors import CheckpointError, OutOfMemory
from storygen.generation import Event, Failed, Finished, Generation, Piece, deliver
from storygen.story import FinishReason

RESTARTS = 3
"""A worker that dies more often than this within RESTART_WINDOW seconds stays dead."""
RESTART_WINDOW = 60.0
NEWS_SECONDS = 0.02
"""Text goes to the event loop at most this often: a small model takes thousands of steps a second, people read none."""

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Telling:
    submission: Submission
    opened: OpenStory | None = None
    """None while its prompt is being framed."""
    shorter: bool = False
    """There was no memory for it once, and now it is tried with half of everything."""

    def ask(self) -> Ask:
        """Give what it takes up, for a forecast."""
        left = self.submission.seconds_left
        if self.opened is None:
            return Ask(self.submission.request.options.max_new_tokens, left)
        return Ask(self.opened.max_new_tokens + self.opened.finishing_tokens, left, self.opened.new_tokens)


class Worker:
    """A thread with a model. ``state``, ``device``, ``running`` and ``desk`` may be read from any thread."""

    def __init__(
        self,
        name: str,
        *,
        line: WaitingLine,
        loop: asyncio.AbstractEventLoop,
        load: Callable[[], StoryWriter],
        trials: Sequence[Submission] = (),
    ) -> None:
        """``trials`` are written before the first story of people, and ended; see ``trial``."""
        self.state = EngineState.LOADING
        self.device: str | None = None
        self._rows = 0
        self._pace = Pace()
        self._line = line
        self._loop = loop
        self._load = load
        self._trials = trials
        self._tellings: list[_Telling] = []
        self._unsent: dict[Generation, str] = {}
        self._sent_at = 0.0
        # A daemon: a model that still loads when the program must end does not keep it alive.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def running(self) -> int:
        """How many stories it is writing; those of its trial are nobody's."""
        return len(self._tellings) if self.state is EngineState.READY else 0

    def desk(self) -> Desk | None:
        """Give what a forecast needs to know; None before the first step."""
        if self.state is not EngineState.READY or not self._pace.known:
            return None
        return Desk(
            rows=self._rows,
            step_seconds=self._pace.step_seconds(self._rows),
            begin_seconds=self._pace.begin_seconds,
            running=[telling.ask() for telling in self._tellings],
        )

    def start(self) -> None:
        """Begin loading, on the worker's thread."""
        self._thread.start()

    def join(self, timeout: float) -> bool:
        """Wait for the thread's end; say whether it came. Blocks: not on the event loop."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        failure: BaseException | None = RuntimeError("the worker's thread was ended")
        try:
            failure = self._live()
        finally:
            self.state = EngineState.FAILED if failure else EngineState.STOPPED
            self._fail_all(failure or RuntimeError("the worker left a story behind"))
            self._line.worker_left(failure)

    def _live(self) -> Exception | None:
        """Load and write until the engine stops; start again after an error, unless errors come too often."""
        deaths: deque[float] = deque(maxlen=RESTARTS + 1)
        while True:
            try:
                self._serve(self._load())
            except CheckpointError as error:
                log.error("%s: %s", self._thread.name, error)  # noqa: TRY400 - its sentence says all
                return error
            except Exception as error:
                log.exception("%s died with %d stories", self._thread.name, self.running)
                traceback.clear_frames(error.__traceback__)  # they hold the model, and the readers hold the error
                self._fail_all(error)
                deaths.append(time.monotonic())
                if len(deaths) > RESTARTS and deaths[-1] - deaths[0] < RESTART_WINDOW:
                    return error
                self.state = EngineState.LOADING
            else:
                return None

    def _serve(self, writer: StoryWriter) -> None:
        for rows, seconds in writer.rehearsed:
            self._pace.stepped(rows, seconds)
        self.device, self._rows = writer.device, writer.free_rows
        self._try_out(writer)
        self.state = EngineState.READY
        log.info("%s is ready: %s on %s", self._thread.name, writer.info.name, writer.device)
        while not self._line.closed:
            # Their prompts are read piece by piece in the steps that follow, so many at once delay the others little.
            while self.running < self._rows and (submission := self._line.take(wait=not self._tellings)):
                self._begin(writer, submission)
            self._go_on(writer)
        self._end_all(writer)

    def _try_out(self, writer: StoryWriter) -> None:
        """Write for nobody, as for people: without the loop around it, a small model's step seems a third shorter."""
        trials, self._trials = self._trials, ()
        for submission in trials[: self._rows]:
            self._begin(writer, submission)
        last = time.monotonic() + trial.SECONDS
        for _ in range(trial.STEPS):
            if self._tellings and time.monotonic() < last:
                self._go_on(writer)
        self._end_all(writer)
        self._sent_at = 0.0  # the first words of the first story wait for nothing

    def _go_on(self, writer: StoryWriter) -> None:
        """Take one step with all that is being written, and note how long it took."""
        began = time.monotonic()
        self._end_stopped(writer)
        rows = len(self._tellings)
        self._step(writer)
        if rows:
            self._pace.stepped(rows, time.monotonic() - began)

    def _end_all(self, writer: StoryWriter) -> None:
        self._end(writer, [(telling, FinishReason.CANCELLED) for telling in self._tellings])

    def _begin(self, writer: StoryWriter, submission: Submission) -> None:
        submission.started_at = time.monotonic()
        telling = _Telling(submission)
        self._tellings.append(telling)
        self._open(writer, telling)
        self._pace.began(time.monotonic() - submission.started_at)

    def _open(self, writer: StoryWriter, telling: _Telling) -> None:
        """Give a story a row, or end it where its prompt can't be read or has no room."""
        request, explore = telling.submission.request, telling.submission.explore
        try:
            new_tokens = (explore or request).options.max_new_tokens
            window = writer.window_for(request, new_tokens, shorter=telling.shorter)
        except Exception as error:
            # What is wrong with one prompt is no reason to fail the others.
            log.exception("a prompt of %d characters can't be read", len(request.prompt))
            self._fail(telling, error)
            return
        try:
            if explore is not None:
                telling.opened = writer.explore(window, explore.options, explore.shown)
            else:
                telling.opened = writer.begin_for(window, request)
        except OutOfMemory as error:
            self._relieve(writer, telling, error)

    def _relieve(self, writer: StoryWriter, telling: _Telling, error: OutOfMemory) -> None:
        """Make room by one story, so that the others go on: it ends with what it has, or is tried shorter, once."""
        traceback.clear_frames(error.__traceback__)  # they hold tensors
        written = len(self._tellings)
        self._rows = max(written - 1, 1)
        log.warning("%s has no memory for %d stories; from now on %d at once", self._thread.name, written, self._rows)
        opened, telling.opened = telling.opened, None
        if opened is not None:
            writer.leave(opened)
        writer.give_back()
        if opened is not None and opened.stream.text:
            telling.opened = opened
            self._forget([telling])
            self._deliver([self._finished(writer, telling, FinishReason.LENGTH)])
        elif telling.shorter:
            self._fail(telling, error)
        else:
            telling.shorter = True
            self._open(writer, telling)

    def _fail(self, telling: _Telling, error: Exception) -> None:
        self._forget([telling])
        self._deliver([(telling.submission.generation, Failed(failed(error)))])

    def _end_stopped(self, writer: StoryWriter) -> None:
        asked = ((telling, telling.submission.stop_reason()) for telling in self._tellings)
        if stopped := [(telling, reason) for telling, reason in asked if reason]:
            self._end(writer, stopped)

    def _end(self, writer: StoryWriter, stopped: list[tuple[_Telling, FinishReason]]) -> None:
        """End stories that the model has not ended."""
        for telling, _ in stopped:
            if telling.opened is not None:
                writer.leave(telling.opened)
        ends = [self._finished(writer, telling, reason) for telling, reason in stopped]
        self._forget([telling for telling, _ in stopped])
        self._deliver(ends)

    def _step(self, writer: StoryWriter) -> None:
        by_row = {telling.opened.row: telling for telling in self._tellings if telling.opened}
        ends: list[tuple[Generation, Event]] = []
        ended: list[_Telling] = []
        for progress in self._progress(writer):
            telling = by_row[progress.story.row]
            generation = telling.submission.generation
            if progress.text:
                self._unsent[generation] = self._unsent.get(generation, "") + progress.text
            if progress.ended:
                ends.append(self._finished(writer, telling, progress.ended))
                ended.append(telling)
        self._forget(ended)
        if ends or time.monotonic() - self._sent_at >= NEWS_SECONDS:
            self._deliver(ends)

    def _progress(self, writer: StoryWriter) -> list[Progress]:
        try:
            return writer.step()
        except OutOfMemory as error:
            self._relieve(writer, self._tellings[-1], error)  # the youngest: others have been waited for longer
            return []

    def _forget(self, ended: list[_Telling]) -> None:
        """Let go of stories whose last event is made; an error before that still reaches them through ``_fail_all``."""
        self._tellings = [telling for telling in self._tellings if telling not in ended]

    def _finished(self, writer: StoryWriter, telling: _Telling, reason: FinishReason) -> tuple[Generation, Event]:
        if telling.opened is not None:
            telling.submission.next_tokens = telling.opened.next_tokens
        story = telling.submission.story(reason, writer.info.name, telling.opened)
        return telling.submission.generation, Finished(story)

    def _fail_all(self, error: BaseException) -> None:
        left, self._tellings = self._tellings, []
        self._deliver([(telling.submission.generation, Failed(failed(error))) for telling in left])

    def _deliver(self, events: list[tuple[Generation, Event]]) -> None:
        """Send all text that was written since the last time, and then the events."""
        pieces = [(generation, Piece(text)) for generation, text in self._unsent.items()]
        self._unsent.clear()
        self._sent_at = time.monotonic()
        deliver(self._loop, [*pieces, *events])

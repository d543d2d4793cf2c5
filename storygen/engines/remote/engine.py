"""The engine that lets servers write: accepts, queues, cancels, starts and stops. All runs on the event loop."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Self

import aiohttp

from storygen.checkpoint import read_info
from storygen.engine import EngineState, EngineStatus
from storygen.engines.place_teller import News, PlaceTeller
from storygen.engines.remote.call import ask_about_model, new_session
from storygen.engines.remote.errors import RemoteFailed, ServerUnavailable
from storygen.engines.remote.options import RemoteOptions
from storygen.engines.remote.prompt_fitting import PromptFitter, load_fitter
from storygen.engines.remote.server import Server
from storygen.engines.remote.telling import RemoteTelling
from storygen.engines.remote.waiting_times import WaitingTimes
from storygen.engines.remote.writing import Writing, model_label
from storygen.engines.scheduler import Scheduler
from storygen.errors import EngineFailed, EngineStopped, InvalidOption, NotOffered, QueueFull, UnknownGenre
from storygen.exploration import Exploration, ExploreRequest
from storygen.generation import Event, Failed, Finished, Generation, Moved
from storygen.genre import Genre
from storygen.sampling import LIMITS, check
from storygen.story import FinishReason, StoryRequest, Wanted
from storygen.titles import TITLE_LIMITS

MAX_SEED = 2**63 - 1

log = logging.getLogger(__name__)


class RemoteEngine:
    """Lets servers write that speak OpenAI's completions protocol; see ``storygen.engine.Engine``.

    ``checkpoint`` is what the servers run, as far as it is here: its ``story.json`` names the genres and its
    tokenizer cuts prompts; no weights are read. ``options.at_once`` stories are with the servers at a time,
    ``queue_limit`` more may wait, of which one group may have the part ``queue_share``.
    Making one raises CheckpointError where ``story.json`` is damaged.
    """

    def __init__(
        self, checkpoint: str, options: RemoteOptions, *, queue_limit: int = 64, queue_share: float = 1.0
    ) -> None:
        info = read_info(checkpoint)
        self._checkpoint = checkpoint
        self._options = options
        if options.genres:  # so the servers run another model than the checkpoint, and what that can is not known
            info = replace(info, genres=tuple(Genre(name, _label(name)) for name in options.genres), titles=False)
        self._info = info
        self._servers = [
            Server(url, model=options.model, backoff_seconds=options.backoff_seconds) for url in options.base_urls
        ]
        self._waiting: Scheduler[RemoteTelling] = Scheduler(queue_limit, share=queue_share)
        self._running: dict[RemoteTelling, asyncio.Task[None]] = {}
        self._waiting_times = WaitingTimes(options.at_once)
        self._behind_all: float | None = None
        self._teller: PlaceTeller | None = None
        self._session: aiohttp.ClientSession | None = None
        self._writing: asyncio.Task[Writing] | None = None
        self._greetings: list[asyncio.Task[None]] = []
        self._state = EngineState.STOPPED
        self._paused = False

    @property
    def genres(self) -> tuple[Genre, ...]:
        """The genres that can be asked for; known before any server was asked."""
        return self._info.genres

    def status(self) -> EngineStatus:
        """Say how the engine is. FAILED means that no server answers at present; it may get better."""
        return EngineStatus(
            state=self._state_now(),
            model=self._model(),
            device=", ".join(server.name for server in self._servers),
            waiting=len(self._waiting),
            running=len(self._running),
            waiting_seconds=self._newcomer_waits(),
            servers=tuple(server.status() for server in self._servers),
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
        """Take a request at once; also while no server has answered yet.

        Raises UnknownGenre, InvalidOption, QueueFull, EngineStopped. That servers are out of reach, the
        generation tells.
        """
        self.check(request)
        if self._state is not EngineState.READY:
            raise EngineStopped("the engine was not started or is stopping")
        telling = RemoteTelling(request=request, model=self._model())
        if request.wants is Wanted.TITLE and not self._info.titles:
            telling.generation = Generation(request, 0, lambda: None)
            telling.receive(Finished(telling.story(FinishReason.EOS)))
            return telling.generation
        try:
            place = self._waiting.add(telling, user=request.user, group=request.group)
        except QueueFull as full:
            full.waiting_seconds = self._newcomer_waits()
            raise
        telling.generation = Generation(request, place, partial(self._cancel, telling))
        expiry = asyncio.get_running_loop().call_later(
            request.deadline_seconds, self._leave_queue, telling, FinishReason.DEADLINE
        )
        telling.generation.when_done(lambda _: expiry.cancel())
        self._begin_waiting()
        return telling.generation

    async def explore(self, request: ExploreRequest) -> Exploration:  # noqa: ARG002 - the protocol has it
        """Raise NotOffered: servers give at best a few probabilities, of what their own options have left."""
        raise NotOffered("explore")

    def pause(self) -> None:
        """Begin nothing more until ``resume``: what is being written goes on, what comes waits."""
        self._paused = True

    def resume(self) -> None:
        """Begin stories again."""
        self._paused = False
        self._begin_waiting()

    async def drain(self, timeout_seconds: float) -> bool:
        """Take nothing more and finish what is being written and what waits; say whether all ended in time.

        What is left after ``timeout_seconds`` goes on until somebody cancels it or leaves the engine's block.
        """
        if self._state is EngineState.READY:
            self._state = EngineState.DRAINING
        self.resume()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                while self._running:  # nobody waits without somebody running
                    await asyncio.wait(list(self._running.values()))
        return not self._running and not self._waiting

    async def __aenter__(self) -> Self:
        self._session = new_session(self._options)
        self._teller = PlaceTeller(asyncio.get_running_loop(), self._look)
        self._writing = asyncio.create_task(self._make_writing(self._session), name="storygen-remote-checkpoint")
        self._greetings = [
            asyncio.create_task(self._greet(self._session, server), name="storygen-remote-greeting")
            for server in self._servers
        ]
        self._state = EngineState.READY
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._state = EngineState.STOPPED
        if self._teller is not None:
            self._teller.stop()
        for telling in self._waiting.clear():
            telling.receive(Finished(telling.story(FinishReason.CANCELLED)))
        for telling in list(self._running):
            self._cancel(telling)
        tasks = [*self._running.values(), *self._greetings, *([self._writing] if self._writing else [])]
        for task in self._greetings:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _model(self) -> str:
        """Give the model's name, empty before any server has told it."""
        return next((model_label(server.model) for server in self._servers if server.model), "")

    def _state_now(self) -> EngineState:
        if self._state is not EngineState.READY:
            return self._state
        if all(server.failures for server in self._servers):
            return EngineState.FAILED
        if not any(server.has_answered for server in self._servers):
            return EngineState.LOADING
        return EngineState.PAUSED if self._paused else EngineState.READY

    async def _make_writing(self, session: aiohttp.ClientSession) -> Writing:
        """Read what is here of the checkpoint, off the event loop."""
        try:
            fitter = await asyncio.to_thread(load_fitter, self._checkpoint)
        except Exception:
            log.exception("nothing can be read of %s: long prompts are cut by their letters", self._checkpoint)
            fitter = PromptFitter()
        return Writing(session, self._servers, self._options, info=self._info, fitter=fitter)

    async def _greet(self, session: aiohttp.ClientSession, server: Server) -> None:
        """Ask a server about its model until it answers, so that the log says from the start whether it is there."""
        while not server.has_answered:
            try:
                await ask_about_model(session, server, self._options)
            except ServerUnavailable as failure:
                seconds = server.failed(time.monotonic(), failure.wait_seconds)
                log.log(logging.WARNING if server.failures == 1 else logging.DEBUG, "asked for its model, %s", failure)
                await asyncio.sleep(seconds)
            except RemoteFailed as failure:  # where REMOTE_MODEL names the model, stories may come all the same
                log.warning("asked for its model, %s", failure)
                return
            else:
                server.worked()
                log.info("%s is there; its model is %s", server.name, model_label(server.model) or "unknown")

    def _begin_waiting(self) -> None:
        """Give free places to who is next, and tell all others where they stand."""
        while not self._paused and len(self._running) < self._options.at_once:
            telling = self._waiting.next()
            if telling is None:
                break
            telling.started_at = time.monotonic()
            telling.receive(Moved(0))
            task = asyncio.create_task(self._write(telling), name="storygen-remote-story")
            self._running[telling] = task
            task.add_done_callback(partial(self._ended, telling))
        self._tell_places()

    def _tell_places(self) -> None:
        if self._teller is not None:
            self._teller.ask()

    def _look(self) -> list[News]:
        """Give everyone who waits with their place and their probable seconds; for the teller, who limits how often."""
        waiting = self._waiting.in_order()
        waits = self._waits(waiting)
        self._behind_all = waits[-1]
        return [
            (telling, place, seconds)
            for place, (telling, seconds) in enumerate(zip(waiting, waits, strict=False), start=1)
        ]

    def _newcomer_waits(self) -> float | None:
        if not len(self._waiting):
            self._behind_all = self._waits([])[-1]
        return self._behind_all  # where somebody waits, a look is never long ago

    def _waits(self, waiting: list[RemoteTelling]) -> list[float | None]:
        """Give the probable seconds for each of ``waiting``, and for one that came now."""
        return [None] * (len(waiting) + 1) if self._paused else self._waiting_times.waits(self._running, waiting)

    async def _write(self, telling: RemoteTelling) -> None:
        """Write one story. Every way out ends its stream."""
        event: Event = Failed(EngineFailed("the story was left behind"))
        try:
            event = await self._outcome(telling)
        except asyncio.CancelledError:
            event = Finished(telling.story(FinishReason.CANCELLED))
        finally:
            telling.receive(event)

    async def _outcome(self, telling: RemoteTelling) -> Event:
        try:
            async with asyncio.timeout(max(telling.deadline - time.monotonic(), 0.0)):
                reason = await self._written(telling)
        except TimeoutError:
            reason = FinishReason.DEADLINE
        except RemoteFailed as failure:
            log.warning("a story with %d characters failed: %s", len(telling.generation.text), failure)
            return Failed(failure)
        except Exception as error:
            log.exception("a story with %d characters failed", len(telling.generation.text))
            failed = EngineFailed("the remote engine stumbled")
            failed.__cause__ = error
            return Failed(failed)
        story = telling.story(reason)
        if telling.request.wants is Wanted.TEXT:  # a title says nothing about how long stories become
            self._waiting_times.observe(story)
        return Finished(story)

    async def _written(self, telling: RemoteTelling) -> FinishReason:
        if self._writing is None:
            raise EngineStopped("the engine was not started")
        writing = await asyncio.shield(self._writing)  # all stories wait for the same one
        return await writing.write(telling)

    def _ended(self, telling: RemoteTelling, _task: asyncio.Task[None]) -> None:
        del self._running[telling]
        if not telling.generation.done:  # its task was cancelled before its first step
            telling.receive(Finished(telling.story(FinishReason.CANCELLED)))
        if self._state is not EngineState.STOPPED:
            self._begin_waiting()

    def _cancel(self, telling: RemoteTelling) -> None:
        if telling in self._running:
            self._running[telling].cancel()
        else:
            self._leave_queue(telling, FinishReason.CANCELLED)

    def _leave_queue(self, telling: RemoteTelling, reason: FinishReason) -> None:
        """End a request that still waits; one that is being written has its own ways to end."""
        if self._waiting.discard(telling):
            telling.receive(Finished(telling.story(reason)))
            self._tell_places()


def _label(genre: str) -> str:
    return genre.replace("_", " ").title()

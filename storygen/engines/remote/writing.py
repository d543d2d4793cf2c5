"""Bring one story to its end: choose a server, ask it, show the text, and go to another one while none was shown."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import aiohttp

from storygen.checkpoint import CheckpointInfo
from storygen.engines.remote.answer import Chunk
from storygen.engines.remote.call import ask_about_model, chunks
from storygen.engines.remote.control_tokens import ControlTokenFilter
from storygen.engines.remote.errors import (
    FieldsRefused,
    PromptRefused,
    RemoteFailed,
    RequestRefused,
    ServerRefused,
    ServerUnavailable,
    StoryBroken,
)
from storygen.engines.remote.options import RemoteOptions
from storygen.engines.remote.prompt_fitting import PromptFitter
from storygen.engines.remote.request_body import MIN_TOKENS, OPTIONAL, request_body
from storygen.engines.remote.server import Server, next_server, seconds_until_free
from storygen.engines.remote.telling import RemoteTelling
from storygen.engines.sentence_finish import SentenceFinish
from storygen.generation import Piece
from storygen.story import FinishReason, Wanted
from storygen.titles import LEAST_TITLE_TOKENS

_SHORTER = 0.6
"""Share of the positions that is tried next, where a server finds a prompt too long."""
_LEAST_SHARE = 0.1

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Attempts:
    """What one story has learned of the servers."""

    failures: int = 0
    refusing: set[Server] = field(default_factory=set)
    """Servers that will not take it, now or later."""
    without: frozenset[str] = frozenset()
    """Fields that the server has just refused; remembered for all stories once it takes the request without."""
    share: float = 1.0
    """Of the positions that prompt and story may have."""


class Writing:
    """Writes stories with the servers; one for the whole engine."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        servers: Sequence[Server],
        options: RemoteOptions,
        *,
        info: CheckpointInfo,
        fitter: PromptFitter,
    ) -> None:
        self._session = session
        self._servers = servers
        self._options = options
        self._info = info
        self._fitter = fitter

    async def write(self, telling: RemoteTelling) -> FinishReason:
        """Show a whole story and say why it ended. Cancelling it closes the connection.

        Raises the children of RemoteFailed; StoryBroken where some of the story was shown.
        """
        attempts = _Attempts()
        problem: RemoteFailed | None = None
        while True:
            server = await self._turn(telling, attempts, problem)
            server.running += 1
            try:
                return await self._try(telling, server, attempts)
            except RemoteFailed as failure:
                problem = failure
                self._learn_from(failure, telling, server, attempts)
            finally:
                server.running -= 1

    async def _turn(self, telling: RemoteTelling, attempts: _Attempts, problem: RemoteFailed | None) -> Server:
        """Wait for a server that may be asked. Raises ``problem``, the last one, where none will be in time."""
        while True:
            now = time.monotonic()
            server = next_server(self._servers, now, attempts.refusing)
            if server is not None:
                return server
            seconds = seconds_until_free(self._servers, now, attempts.refusing)
            if seconds is None or now + seconds >= telling.deadline:
                raise problem or ServerUnavailable(
                    "all servers", "asked to be left alone for longer than there is time"
                )
            await asyncio.sleep(seconds)

    async def _try(self, telling: RemoteTelling, server: Server, attempts: _Attempts) -> FinishReason:
        if not server.model:
            await ask_about_model(self._session, server, self._options)
        if not server.model:
            raise ServerRefused(server.name, "does not list a model, so REMOTE_MODEL has to name it")
        without = server.unknown_fields | attempts.without
        body = self._body(telling, server, without, attempts.share)
        shown = ControlTokenFilter(self._info.genres)
        telling.new_tokens = 0
        async with aclosing(chunks(self._session, server, body, self._options)) as stream:
            async for chunk in stream:
                self._note_works(server, without)
                if _show(telling, shown, chunk):
                    return FinishReason.LENGTH
                if shown.ended:
                    return FinishReason.EOS
        _show_rest(telling, shown)
        return telling.finished_for

    def _body(self, telling: RemoteTelling, server: Server, without: frozenset[str], share: float) -> dict[str, object]:
        request = telling.request
        positions = int((server.positions or self._fitter.positions) * share)
        fitted = self._fitter.fit(request, self._info, positions)
        telling.model = model_label(server.model)
        telling.prompt_was_cut, telling.prompt_tokens = fitted.was_cut, fitted.tokens or 0
        telling.max_new_tokens = fitted.max_new_tokens
        telling.finish = SentenceFinish() if fitted.finishing_tokens else None
        return request_body(
            model=server.model,
            prompt=fitted.text,
            max_tokens=fitted.max_new_tokens + fitted.finishing_tokens,
            options=request.options,
            seed=request.seed,
            least=LEAST_TITLE_TOKENS if request.wants is Wanted.TITLE else MIN_TOKENS,
            without=without,
        )

    def _note_works(self, server: Server, without: frozenset[str]) -> None:
        server.worked()
        if without - server.unknown_fields:
            log.warning("%s does not know %s and is sent them no more", server.name, ", ".join(sorted(without)))
            server.unknown_fields = without

    def _learn_from(self, failure: RemoteFailed, telling: RemoteTelling, server: Server, attempts: _Attempts) -> None:
        """Note what a failure says about server and request; raise it where trying again is no use."""
        match failure:
            case FieldsRefused() if not failure.fields <= attempts.without:
                attempts.without |= failure.fields & OPTIONAL
                return
            case PromptRefused() if attempts.share * _SHORTER > _LEAST_SHARE:
                attempts.share *= _SHORTER
                return
            case RequestRefused():
                raise failure
            case ServerRefused():
                attempts.refusing.add(server)
                attempts.without = frozenset()
                seconds = server.failed(time.monotonic())
            case ServerUnavailable():
                attempts.without = frozenset()
                seconds = server.failed(time.monotonic(), failure.wait_seconds)
                attempts.failures += failure.wait_seconds is None
        log.warning("%s; it is left alone for %.1f s", failure, seconds)
        if telling.has_begun:
            raise StoryBroken(server.name, f"{failure.problem} in the middle of a story") from failure
        if attempts.failures >= self._options.tries:
            raise failure


def model_label(model: str) -> str:
    """Give a model's name as it is shown; of a path on the server only its last part."""
    return model.rstrip("/").rpartition("/")[2] if model.startswith(("/", ".", "~")) else model


def _show(telling: RemoteTelling, shown: ControlTokenFilter, chunk: Chunk) -> bool:
    """Take an event, and say whether the sentence that was to be finished has ended, or the story is much too long."""
    if chunk.text:
        left = telling.letters_left
        piece = shown.add(chunk.text)
        if len(piece) > left:
            _give(telling, piece[:left])
            return True
        kept = _kept(telling, piece)
        if kept is not None:
            _give(telling, piece[:kept])
            return True
        telling.new_tokens += 1
        _give(telling, piece)
    if chunk.finish_reason is not None:
        telling.finished_for = chunk.finish_reason
    if chunk.prompt_tokens is not None:
        telling.prompt_tokens = chunk.prompt_tokens
    if chunk.new_tokens is not None:
        # A server counts the end token, and we do not.
        telling.new_tokens = max(chunk.new_tokens - (telling.finished_for is FinishReason.EOS), 0)
    return False


def _kept(telling: RemoteTelling, piece: str) -> int | None:
    """Say how much of a piece beyond the story's length belongs to it; None where all does.

    A token is an event here: a server that sends several at once ends the story a little later.
    """
    if telling.finish is None or telling.new_tokens < telling.max_new_tokens:
        return None
    return telling.finish.kept(telling.generation.text, piece)


def _show_rest(telling: RemoteTelling, shown: ControlTokenFilter) -> None:
    _give(telling, shown.rest())


def _give(telling: RemoteTelling, text: str) -> None:
    if text:
        telling.receive(Piece(text))

"""A polite client of the MediaWiki API: identified, paced, patient when the wiki is busy."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from training.collect.pace import Pace
from training.collect.retry_after import retry_after
from training.errors import TrainingError

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger(__name__)

Answer = dict[str, Any]

ENGLISH_WIKIPEDIA = "https://en.wikipedia.org/w/api.php"
MAX_LAG = 5
"""Seconds by which the wiki's copies may be behind; a wiki that is further behind asks us to come later."""
ATTEMPTS = 8
"""How often one request is tried before giving up."""
LONGEST_WAIT = 900.0
"""Seconds; a wiki that asks for more is left alone, and the person starts again later."""
LONGEST_ANSWER = 64 * 1024 * 1024
"""Bytes; no honest answer is longer."""

_SHORTEST_WAIT = 5.0
_BUSY_STATUS = frozenset({429, 500, 502, 503, 504})
_BUSY_ERRORS = frozenset({"maxlag", "ratelimited", "readonly", "internal_api_error_DBQueryTimeoutError"})


@dataclass(frozen=True, slots=True)
class _Busy:
    """The wiki could not answer now."""

    why: str
    wait: float | None
    """Seconds that it asked for, or None where it left that to us."""


def user_agent(contact: str) -> str:
    """Give the name that the client tells the wiki, as Wikimedia's policy asks. Raises TrainingError for no contact.

    ``contact`` is an e-mail address or a web address of the person who collects.
    """
    import aiohttp

    contact = contact.strip()
    if not contact.isprintable() or not contact.isascii() or not ("@" in contact or contact.startswith("http")):
        raise TrainingError(
            "Give --contact, an e-mail or web address: wikis want to know whom to write to if a program asks too much."
        )
    return f"storybot-collect/1.0 ({contact}) aiohttp/{aiohttp.__version__}"


class MediaWiki:
    """One wiki. Requests go out one after the other."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api_url: str,
        pace: Pace,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._session = session
        self._url = api_url
        self._pace = pace
        self._now = now

    async def query(self, parameters: Mapping[str, str]) -> AsyncIterator[Answer]:
        """Give the ``query`` parts of the answers, following continuation to the end.

        Raises TrainingError with a sentence for a wiki that can't be reached, refuses, or is no wiki.
        """
        more: Mapping[str, str] = {}
        while True:
            answer = await self._ask({**parameters, **more})
            yield answer.get("query", {})
            more = answer.get("continue", {})
            if not more:
                return

    async def _ask(self, parameters: Mapping[str, str]) -> Answer:
        asked = {"action": "query", "format": "json", "formatversion": "2", "maxlag": str(MAX_LAG), **parameters}
        busy = _Busy("", None)
        for attempt in range(ATTEMPTS):
            await self._pace.turn()
            answer = await self._try(asked)
            if not isinstance(answer, _Busy):
                return answer
            busy = answer
            if attempt + 1 < ATTEMPTS:
                await self._rest(busy, attempt)
        raise TrainingError(f"{self._url} gave no answer in {ATTEMPTS} attempts: {busy.why}. {_LATER}")

    async def _rest(self, busy: _Busy, attempt: int) -> None:
        wait = _SHORTEST_WAIT * 2**attempt if busy.wait is None else busy.wait
        if busy.wait is not None and wait > LONGEST_WAIT:
            raise TrainingError(f"{self._url} asks to wait {wait / 60:.0f} minutes ({busy.why}). {_LATER}")
        log.info("waiting %.0f seconds: %s", wait, busy.why)
        await self._pace.pause(min(wait, LONGEST_WAIT))

    async def _try(self, asked: Mapping[str, str]) -> Answer | _Busy:
        import aiohttp

        try:
            # Fifty revision ids fit well in an address, and what is asked by GET a wiki's own caches may answer.
            async with self._session.get(self._url, params=asked) as response:
                return await self._read(response)
        except aiohttp.InvalidURL as error:
            raise TrainingError(
                f"{self._url} is no web address; --api-url wants one such as {ENGLISH_WIKIPEDIA}."
            ) from error
        except (TimeoutError, aiohttp.ClientError, ConnectionError) as error:
            return _Busy(f"the connection failed ({str(error) or type(error).__name__})", None)

    async def _read(self, response: aiohttp.ClientResponse) -> Answer | _Busy:
        wait = retry_after(response.headers, self._now())
        if response.status in _BUSY_STATUS:
            return _Busy(f"HTTP {response.status}", wait)
        if response.status != 200:  # noqa: PLR2004 - the one good answer
            raise TrainingError(
                f"{self._url} refuses: HTTP {response.status} {response.reason}. {_refusal(response.status)}"
            )
        answer = self._decoded(response, await _body(response))
        return self._judged(answer, wait)

    def _decoded(self, response: aiohttp.ClientResponse, body: bytes) -> Answer:
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise TrainingError(
                f"{self._url} does not answer as a MediaWiki API does (it sent {response.content_type}, "
                f"{len(body)} bytes); --api-url wants the address of api.php."
            )
        return answer

    def _judged(self, answer: Answer, wait: float | None) -> Answer | _Busy:
        error = answer.get("error")
        if not isinstance(error, dict):
            return answer
        code, info = str(error.get("code")), str(error.get("info", "")).rstrip(".")
        if code in _BUSY_ERRORS:
            return _Busy(f"{code}: {info}", wait if wait is not None else _SHORTEST_WAIT)
        raise TrainingError(f"{self._url} refuses: {info} ({code}).")


_LATER = "Give the same command again later; it goes on from where it stopped."


def _refusal(status: int) -> str:
    if status == 403:  # noqa: PLR2004 - Forbidden
        return "It may be closed to the public, or want another --contact."
    return "Is --api-url the address of api.php?"


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > LONGEST_ANSWER:
            raise TrainingError(f"{response.url.host} sent more than {LONGEST_ANSWER >> 20} MB in one answer.")
    return bytes(body)

"""What can go wrong with a server. None of these holds what a server answered: it may repeat the prompt."""

from __future__ import annotations

from collections.abc import Iterable

from storygen.errors import EngineFailed


class RemoteFailed(EngineFailed):
    """A story could not be finished because of its server."""

    def __init__(self, server: str, problem: str) -> None:
        super().__init__(f"{server}: {problem}")
        self.server = server
        self.problem = problem


class ServerUnavailable(RemoteFailed):
    """The server can't now; the same request may work later, or on another server.

    ``wait_seconds`` is how long it asks to be left alone; None where it does not say.
    """

    def __init__(self, server: str, problem: str, wait_seconds: float | None = None) -> None:
        super().__init__(server, problem)
        self.wait_seconds = wait_seconds


class ServerRefused(RemoteFailed):
    """The server does not take requests of ours (key, address or model is wrong); another one may."""


class RequestRefused(RemoteFailed):
    """The request is not to the server's liking; no other server's either."""


class FieldsRefused(RequestRefused):
    """The server does not know fields that it could do without; ``fields`` are their names."""

    def __init__(self, server: str, fields: Iterable[str]) -> None:
        self.fields = frozenset(fields)
        super().__init__(server, f"does not know {', '.join(sorted(self.fields))}")


class PromptRefused(RequestRefused):
    """Prompt and new tokens are more than the server's model has positions for."""


class StoryBroken(RemoteFailed):
    """The server failed after some of the story was shown, so it can't be begun anew without people noticing."""

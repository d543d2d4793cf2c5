"""What an operator says about the servers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteOptions:
    """Where the servers are and how they are treated; the times are in seconds."""

    base_urls: tuple[str, ...]
    """Each as ``http://host:8000/v1``; stories go to the one with the fewest."""
    api_key: str = field(default="", repr=False)
    """Sent as a bearer token to every server; empty sends none."""
    model: str = ""
    """Name under which the servers know the model; empty asks each for the first that it lists."""
    genres: tuple[str, ...] = ()
    """Names of the genres that can be asked for; empty takes those of the checkpoint."""
    at_once: int = 8
    """Stories that are with the servers at the same time; more wait here."""
    connect_seconds: float = 5.0
    """For the connection to be made."""
    first_seconds: float = 60.0
    """For the first text of a story, the server's own queue included."""
    between_seconds: float = 30.0
    """For each further piece of text."""
    backoff_seconds: float = 0.5
    """How long a server that failed is left alone, at most; doubled with each failure in a row."""
    tries: int = 5
    """Failed tries after which a story is given up; being told to wait is none."""

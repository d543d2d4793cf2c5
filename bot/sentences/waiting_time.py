"""How long somebody will wait, in words: as coarse as it is known, so that it need not be shown anew all the time."""

from __future__ import annotations

_SECONDS = (5, 10, 15, 20, 30, 45)
_TOO_SHORT_FOR_SECONDS = 2.5
_TOO_LONG_FOR_SECONDS = 52.5


def in_words(seconds: float) -> str:
    """Give for example "a moment", "about 20 seconds" or "about 3 minutes"."""
    if seconds < _TOO_SHORT_FOR_SECONDS:
        return "a moment"
    if seconds < _TOO_LONG_FOR_SECONDS:
        return f"about {min(_SECONDS, key=lambda step: abs(step - seconds))} seconds"
    minutes = max(round(seconds / 60), 1)
    return f"about {minutes} minutes" if minutes > 1 else "about a minute"

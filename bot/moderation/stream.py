"""What may be shown of a text that is still being written: never half of a word that is not let through."""

from __future__ import annotations

import re

from bot.moderation.filtering import TextFilter
from bot.moderation.kinds import Kind

HELD_WORDS = 3
"""So many words at the end wait until it is clear what they become: the last one may be half of another."""


class SafeText:
    """Reads a text as it grows. The result does not depend on how it is cut into pieces."""

    def __init__(self, text_filter: TextFilter, before: str = "") -> None:
        self._filter = text_filter
        self._folded = text_filter.folded(before)
        self._above = len(self._folded.text)
        self._read = 0
        self.shown = ""
        """What may be shown."""
        self.found: Kind | None = None
        """Why the text is not let through; None as long as it is. From then on nothing more is shown."""

    def grow(self, text: str) -> str:
        """Read the text so far, which begins with what was read before, and give what may be shown."""
        complete = len(text)
        if text and not text[-1].isspace():
            complete -= len(text.rsplit(None, 1)[-1])
        if complete <= self._read:  # nothing new, or the end was read
            return self.shown
        self._look(text[self._read : complete])
        if self.found is None:
            self._read = complete
            self.shown = _without_last_words(text[:complete])
        return self.shown

    def finish(self, text: str) -> str:
        """Read the whole text, and give what may be shown: all of it, unless something was found."""
        self._look(text[self._read :], end=True)
        if self.found is None:
            self._read = len(text)
            self.shown = text
        return self.shown

    def _look(self, more: str, *, end: bool = False) -> None:
        if self.found is not None:
            return
        new = len(self._folded.text)
        self._folded.add(more)
        if end:
            self._folded.end()
        self.found = self._filter.looks_at(self._folded.text, new, self._above)


def fit_part(text_filter: TextFilter, text: str, before: str = "") -> str:
    """Give all of a text that is let through, else the beginning that would have been shown."""
    safe = SafeText(text_filter, before)
    for end in re.finditer(r"\s+", text):
        safe.grow(text[: end.end()])
    return safe.finish(text)


def _without_last_words(text: str) -> str:
    """Give what stands before the words that are held back; the last one of ``text`` is whole."""
    parts = text.rsplit(None, HELD_WORDS - 1)
    return parts[0] if len(parts) == HELD_WORDS else ""

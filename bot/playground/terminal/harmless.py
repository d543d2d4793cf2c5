"""Text of bots and people without the signs that a terminal obeys: it could move the cursor, or type for the person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

# Escape and the other controls of one byte, among them the C1 ones that begin sequences by themselves.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def harmless(text: str) -> str:
    """Give ``text`` without control characters, save for line breaks and tabs."""
    return _OBEYED.sub("", text)


class Harmless:
    """Something to draw whose text is made harmless, wherever in it that text stands."""

    def __init__(self, inner: RenderableType) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self._inner, options):
            yield segment if segment.control else Segment(harmless(segment.text), segment.style)

"""Text on its way to Discord: escaping, fitting, pages. Nothing is ever split inside a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from discord.utils import escape_mentions

from storygen.polish import sentence_ends

ELLIPSIS = "…"

_WORD_END = re.compile(r"\s+")
# Discord takes a backslash before any sign; in an address it would show it. What stands in angle brackets
# could be a mention, a channel, an emoji, a time or a command. (discord.py's escape_markdown leaves that, headings,
# and all marks inside of [a link](...), and spoils a list that begins with spaces.)
_SIGN = re.compile(r"(https?://[^\s<\\`]*[^\s<\\`.,:;\"')\]*_~|])|([\\*_~|`\[<])")
_LINE_MARK = re.compile(r"^([^\S\n]*)(?=[->]|#{1,3}\s)|^([^\S\n]*\d+)(?=[.)]\s)", re.MULTILINE)


def escaped(text: str) -> str:
    """Give ``text`` so that Discord shows it to the letter: no markdown, no mention, no link preview."""
    text = _SIGN.sub(lambda found: found[1] or f"\\{found[2]}", text)
    return escape_mentions(_LINE_MARK.sub(r"\1\2\\", text))


def clipped(text: str, limit: int) -> str:
    """Give ``text`` cut after a word so that it has at most ``limit`` characters, with … where it was cut."""
    if len(text) <= limit:
        return text
    room = limit - len(ELLIPSIS)
    return text[: _last_word_end(text, room) or room].rstrip() + ELLIPSIS


def tail(text: str, limit: int) -> str:
    """Give the end of ``text``, from the beginning of a sentence or a word, in at most ``limit`` characters."""
    if len(text) <= limit:
        return text
    if limit <= len(ELLIPSIS):
        return ""
    start = len(text) - (limit - len(ELLIPSIS))
    # Full stops of some scripts have no space behind them, so the sentence itself is measured.
    sentences = (text[end:].lstrip() for end in sentence_ends(text) if end >= start - 1)
    sentence = next((each for each in sentences if each and len(each) <= len(text) - start), None)
    if sentence is not None:
        return ELLIPSIS + sentence
    word = _WORD_END.search(text, start - 1)
    return ELLIPSIS + text[word.end() if word else start :]


def pages(text: str, limit: int) -> Iterator[str]:
    """Split ``text`` into pages of at most ``limit`` characters, at a sentence where one ends in the second half."""
    while len(text) > limit:
        cut = max(takewhile(limit.__ge__, sentence_ends(text)), default=0)
        if cut <= limit // 2:
            cut = _last_word_end(text, limit) or limit
        if page := text[:cut].rstrip():
            yield page
        text = text[cut:].lstrip()
    if text.rstrip():
        yield text


def word_count(text: str) -> int:
    """Count words as people do: runs of characters without a space."""
    return len(text.split())


def _last_word_end(text: str, limit: int) -> int:
    """Give where the last space within the first ``limit`` characters ends, or 0."""
    return max((match.end() for match in _WORD_END.finditer(text, 0, limit)), default=0)

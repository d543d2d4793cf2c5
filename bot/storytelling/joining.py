"""How passages become one text: the only place that knows, for the model and for showing alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.store.rows import Author, Passage

TITLE_LENGTH = 60
"""Greatest length in characters of a title that is made from a story's first words."""
PARAGRAPH = "\n\n"
"""Where one person's words follow another's, they bring this in front of them, as a model's text brings its space."""


def pieces(passages: Iterable[Passage]) -> list[str]:
    """Give the text of each passage with whatever parts it from the one before; together they are ``joined``.

    A model's text brings its own space where a word begins, since it may also finish a word or a
    sentence; a person's words begin anew. Nothing stands in front of the first text.
    """
    parts: list[str] = []
    before = ""
    for passage in passages:
        part = _part(passage.author, passage.text, before)
        parts.append(part)
        before = part or before
    return parts


def joined(passages: Iterable[Passage]) -> str:
    """Give the whole text of ``passages``, which follow each other from the root."""
    return "".join(pieces(passages))


def lead_of(above: Sequence[Passage]) -> str:
    """Give the person's words that stand directly above a passage, from the passages above it; else nothing."""
    return above[-1].text if above and above[-1].author is Author.PERSON else ""


def first_words(text: str, limit: int = TITLE_LENGTH) -> str:
    """Give the beginning of ``text`` on one line, at most ``limit`` characters, cut between words where it can be."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[:limit]  # one less for the sign that more follows
    words, space, _ = cut.rpartition(" ")
    return f"{(words if space else cut[: limit - 1]).rstrip(' ,;:-')}…"


def with_words(text: str, words: str) -> str:
    """Give ``text`` followed by a person's ``words`` as they would be joined."""
    return text + _part(Author.PERSON, words, text)


def _part(author: Author, text: str, before: str) -> str:
    if not before:
        return text.lstrip()
    starts_anew = author is Author.PERSON and text and not text[0].isspace()
    return f" {text}" if starts_anew and not before[-1].isspace() else text

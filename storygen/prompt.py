"""The one text format: ``<BOS> <genre> text <EOS>`` is a training example, and without its end a prompt.

A title, where there is one, stands outside of that: ``<BOS> <TITLE> title <genre> text <EOS>`` gives a story its
title beforehand, ``… text <EOS> <TITLE> title <EOS>`` finds one for it. Without titles it is the original's format.

A story's memory, facts that a person wants kept, is a paragraph in front of the text: no model was trained on another
form for it, and plain sentences are what it goes on from best.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from storygen.genre import Genre

BOS = "<BOS>"
EOS = "<EOS>"
PAD = "<PAD>"
TITLE = "<TITLE>"
"""Stands before a title. Only checkpoints that were trained with titles have it."""
GPT2_END = "<|endoftext|>"
CONTROL_TOKENS = (BOS, EOS, PAD, TITLE, GPT2_END)

_GENRE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RENDERED = re.compile(r"\s*<BOS>\s*(?:<TITLE>([^<]*))?(?:<([a-z][a-z0-9_]*)>)?[ ]?(.*)", re.DOTALL)
_KEPT_CONTROLS = frozenset("\n\t\u200c\u200d")  # zero-width (non-)joiner: Persian, Indic scripts and emoji need them
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"(?<!\s)\s*\n\s*\n\s*")


@dataclass(frozen=True, slots=True)
class ParsedPrompt:
    """A rendered prompt taken apart again."""

    genre: str | None
    """Name of the genre, or None where the prompt names none."""
    text: str
    title: str = ""
    """Title that the story was given beforehand; empty where it has none."""


def is_genre_name(name: str) -> bool:
    """Say whether ``name`` can be a genre's name, and so stand in a token."""
    return _GENRE_NAME.fullmatch(name) is not None


def render_prompt(genre: str, text: str = "", title: str = "") -> str:
    """Give the model's input for a story of ``genre`` that begins with ``text``; both texts are already cleaned.

    A title may only be given to a checkpoint that was trained with titles.
    """
    beginning = f"{BOS} {TITLE} {title}" if title else BOS
    return f"{beginning} <{genre}> {text}".rstrip(" ")


def render_example(genre: str, text: str, title: str = "") -> str:
    """Give one training example: a whole story with its beginning and its end marked."""
    return f"{render_prompt(genre, text, title)} {EOS}"


def render_title_prompt(rendered: str) -> str:
    """Give the model's input for a title of a rendered prompt or example; it answers ``title <EOS>``."""
    return f"{rendered} {TITLE}"


def with_memory(facts: str, text: str) -> str:
    """Give ``text`` with a paragraph of facts (see ``as_facts``) in front of it; without facts the text as it is."""
    return f"{facts}\n{text}" if facts else text


def as_facts(memory: str) -> str:
    """Give what a person wants kept as a paragraph whose last sentence ends, so that the text does not run on in it."""
    facts = memory.strip()
    return f"{facts}." if facts[-1:].isalnum() else facts


def parse_prompt(rendered: str) -> ParsedPrompt:
    """Take ``<BOS> <genre> text`` apart. Text without ``<BOS>`` is all text and has no genre."""
    match = _RENDERED.fullmatch(rendered)
    if match is None:
        return ParsedPrompt(None, rendered)
    return ParsedPrompt(match[2], match[3], (match[1] or "").strip())


def clean_text(text: str, genres: Iterable[Genre]) -> str:
    """Give what a person typed without anything that the model would read as a control token.

    Control tokens and the tokens of ``genres`` go in any case, spacing and width of letters, also where taking one
    out makes another. Control characters go, runs of spaces become one, and blank lines a single break.
    """
    if not text.replace("\n", "").isprintable():  # nearly every text is; to look at each character takes long
        text = "".join(character for character in text if _is_kept(character))
    text = _without(_control_token_pattern(genres), text)
    text = _BLANK_LINES.sub("\n", text)
    return _SPACES.sub(" ", text).strip()


def clean_title(title: str, genres: Iterable[Genre]) -> str:
    """Give a title that a person typed as ``clean_text`` does, on one line."""
    return " ".join(clean_text(title, genres).split())


def _control_token_pattern(genres: Iterable[Genre]) -> re.Pattern[str]:
    words = [token.strip("<|>") for token in CONTROL_TOKENS] + [genre.name for genre in genres]
    # Nothing here is tried twice (*+, ?+): a person could make that take minutes with a line of spaces.
    spaced = (r"\s*+".join(re.escape(character) for character in word) for word in words)
    return re.compile(rf"<\s*+/?+\s*+\|?+\s*+(?:{'|'.join(spaced)})\s*+\|?+\s*+/?+\s*+>", re.IGNORECASE)


def _without(tokens: re.Pattern[str], text: str) -> str:
    """Put a space in place of each token, also of those that the taking out of others makes."""
    seen, place = text.translate(_AS_ASCII), 0
    while found := tokens.search(seen, place):
        start, end = found.span()
        seen, text = f"{seen[:start]} {seen[end:]}", f"{text[:start]} {text[end:]}"
        place = max(seen.rfind("<", 0, start), 0)  # a token that this has made can only begin here
    return text


class _AsciiForms(dict[int, str]):
    """Maps letters to the ASCII that they are another form of, such as wide or mathematical ones; one to one."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKC", chr(code))
        return self.setdefault(code, plain if len(plain) == 1 and plain.isascii() else chr(code))


_AS_ASCII = _AsciiForms()


def _is_kept(character: str) -> bool:
    # Cc, Cf, Cs: control, format (bidirectional overrides, zero-width), lone surrogates.
    return character in _KEPT_CONTROLS or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}

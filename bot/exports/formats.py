"""The formats that a story can be had in; the one list for the command, the buttons and the help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.errors import ExportTooLarge, UnknownFormat
from bot.exports.book import Book
from bot.exports.ebook import ebook
from bot.exports.file_name import file_name
from bot.exports.markdown import markdown
from bot.exports.plain_text import plain_text
from bot.exports.story_file import story_file
from bot.exports.web_page import web_page

FILE_LIMIT = 10 * 1024 * 1024
"""Bytes of a file that Discord takes everywhere (reference: uploading files)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of file."""

    extension: str
    """Also its name in commands."""
    label: str
    """Its name on a button."""
    purpose: str
    """What it is good for, in a few words."""
    write: Callable[[Book], bytes]
    """Gives the file's bytes. May block; to be called on a thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """A finished file."""

    name: str
    data: bytes


FORMATS = (
    Format(extension="txt", label="Text", purpose="plain text", write=plain_text),
    Format(extension="md", label="Markdown", purpose="for notes and wikis", write=markdown),
    Format(extension="html", label="Web page", purpose="to read on a phone or print", write=web_page),
    Format(extension="epub", label="E-book", purpose="EPUB, for e-readers", write=ebook),
    Format(extension="json", label="JSON", purpose="everything, with all versions", write=story_file),
)
"""In the order in which they are offered; the buttons carry the place in this order, so new ones go to the end."""


def format_named(extension: str) -> Format:
    """Give a format by its extension. Raises UnknownFormat."""
    for known in FORMATS:
        if known.extension == extension:
            return known
    raise UnknownFormat(extension, tuple(known.extension for known in FORMATS))


def export_book(book: Book, kind: Format) -> ExportedFile:
    """Write a book in a format. Blocks, so it is called on a thread. Raises ExportTooLarge."""
    data = kind.write(book)
    if len(data) > FILE_LIMIT:
        raise ExportTooLarge(len(data), FILE_LIMIT)
    return ExportedFile(name=file_name(book.title, kind.extension), data=data)

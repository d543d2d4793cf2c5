"""A story as a file to keep: text, Markdown, a web page, JSON, an e-book. Knows nothing of Discord."""

from bot.exports.book import Book, Edition, make_book
from bot.exports.formats import FORMATS, ExportedFile, Format, export_book, format_named
from bot.exports.licences import Licences

__all__ = [
    "FORMATS",
    "Book",
    "Edition",
    "ExportedFile",
    "Format",
    "Licences",
    "export_book",
    "format_named",
    "make_book",
]

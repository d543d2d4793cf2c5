"""A story as one web page that needs nothing else: no script, no font, no picture from outside."""

from __future__ import annotations

from bot.exports.book import Book
from bot.exports.colours import ink
from bot.exports.templating import rendered

LIGHT_PAPER = 0xFBF8F2
DARK_PAPER = 0x16171A


def web_page(book: Book) -> bytes:
    """Give the file, in UTF-8."""
    page = rendered(
        "page.html",
        book,
        light_paper=f"#{LIGHT_PAPER:06x}",
        dark_paper=f"#{DARK_PAPER:06x}",
        light_ink=ink(book.colour, LIGHT_PAPER),
        dark_ink=ink(book.colour, DARK_PAPER),
        print_ink=ink(book.colour, 0xFFFFFF),
    )
    return page.encode()

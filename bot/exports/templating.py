"""The templates of web page and e-book. Whatever is put into one is escaped by Jinja, not by hand."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bot.exports.book import Book
from bot.exports.credit_lines import by_line, credit_lines, extent

if TYPE_CHECKING:  # loaded on first use: the bot starts without it
    from jinja2 import Environment


def rendered(template: str, book: Book, **more: object) -> str:
    """Give a template, named by its file, filled in with a book."""
    endings = credit_lines(book, mark="in bold")
    page = _environment().get_template(template)
    return page.render(book=book, by_line=by_line(book), extent=extent(book), credit_lines=endings, **more)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("bot.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

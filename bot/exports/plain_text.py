"""A story as plain text in UTF-8: a line is a paragraph, so that every reader breaks lines as it needs."""

from __future__ import annotations

from bot.exports.book import Book
from bot.exports.credit_lines import by_line, credit_lines, facts


def plain_text(book: Book) -> bytes:
    """Give the file."""
    head = [line for line in (book.title, by_line(book), facts(book)) if line]
    body = ["".join(run.text for run in paragraph) for paragraph in book.paragraphs]
    blocks = ["\n".join(head), *body, "* * *", "\n".join(credit_lines(book))]
    return ("\n\n".join(blocks) + "\n").encode()

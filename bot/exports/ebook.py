"""A story as an EPUB 3 book with two pages: the story, and what wrote it. Blocks while it writes its files."""

from __future__ import annotations

import uuid
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.exports.book import Book
from bot.exports.colours import ink
from bot.exports.credit_lines import licence_lines
from bot.exports.templating import rendered

ABOUT = "About this story"
WHITE = 0xFFFFFF


def ebook(book: Book) -> bytes:
    """Give the file."""
    import mkepub  # type: ignore[import-untyped]  # has no types
    from markupsafe import escape

    # mkepub escapes a title in one of its files and not in the others; what is Markup already, it leaves alone.
    title = escape(book.title)
    made = mkepub.Book(
        title,
        published=f"{book.begun:%Y-%m-%d}",
        authors=[escape(book.author)] if book.author else [],
        subjects=[escape(book.genre)],
        description=escape(_description(book)),
        dcterms={"rights": escape(" ".join(licence_lines(book)))} if licence_lines(book) else {},
    )
    with made.tempdir, TemporaryDirectory() as folder:
        made.uuid = f"urn:uuid:{_identifier(book)}"
        made.set_stylesheet(rendered("book.css", book, ink=ink(book.colour, WHITE)))
        made.add_page(title, rendered("story.xhtml", book))
        made.add_page(ABOUT, rendered("about.xhtml", book, heading=ABOUT))
        path = Path(folder, "story.epub")
        made.save(path)
        return path.read_bytes()


def _description(book: Book) -> str:
    kind = "AI-generated" if book.models else "Written by a person"
    return f"{book.genre}. {kind}."


def _identifier(book: Book) -> uuid.UUID:
    """Give the same id to the same text, so that a reader knows a book that it has; it tells nothing of the person."""
    text = "\n".join("".join(run.text for run in paragraph) for paragraph in book.paragraphs)
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{book.title}\n{book.author}\n{text}")

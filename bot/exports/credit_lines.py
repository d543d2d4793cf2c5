"""The sentences at the end of every exported story: what wrote it, that it is a machine's, and the licence."""

from __future__ import annotations

from bot.exports.book import Book


def by_line(book: Book) -> str:
    """Say who signs the story; nothing where nobody wants to."""
    return f"by {book.author}" if book.author else ""


def facts(book: Book) -> str:
    """Say in one line what kind of story it is, of which day, and how long."""
    return f"{book.genre} · {extent(book)}"


def extent(book: Book) -> str:
    """Say of which day the story is, and how long."""
    return f"{book.date} · {book.words:,} {'word' if book.words == 1 else 'words'}"


def credit_lines(book: Book, *, mark: str = "") -> list[str]:
    """Say that a machine wrote this and which, and on what terms.

    ``mark`` says how this format sets a person's words off, such as "in bold"; empty where it doesn't.
    """
    people = [f"Told together by {_listed(tuple(map(_counted, book.told_by.items())))}."] if book.told_by else []
    if not book.models:
        by = "people" if len(book.told_by) > 1 else "a person"
        return [*people, f"Written by {by}; no model has added to it."]
    lines = [*people, f"AI-generated: told with {_listed(book.models)}. It invents; nothing of this has happened."]
    if mark and book.has_both:
        lines.append(
            f"What {'people' if len(book.told_by) > 1 else 'a person'} wrote is {mark}; all else is the model's."
        )
    return lines + licence_lines(book)


def licence_lines(book: Book) -> list[str]:
    """Say under which licence each model is, where that is known."""
    known = [(model, book.licences[model]) for model in book.models if book.licences.get(model)]
    return [f"Licence of the model {model}: {licence}." for model, licence in known]


def _counted(told: tuple[str, int]) -> str:
    name, count = told
    return f"{name} ({count} {'passage' if count == 1 else 'passages'})"


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

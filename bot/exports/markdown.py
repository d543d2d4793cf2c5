"""A story as Markdown (CommonMark, and what GitHub and Discord add to it); a person's words are bold."""

from __future__ import annotations

import re

from bot.exports.book import Book, Paragraph, Run
from bot.exports.credit_lines import by_line, credit_lines, facts

# Full stops and commas stay as they are: people read the source as well.
_SIGN = re.compile(r"[\\`*_\[\]<~|$^]|&(?=#?\w+;)|:(?=\w+:)|(?<!\S)#")
_LINE_START = re.compile(r"^(?=[>+\-=:])|^(\d{1,9})(?=[.)])")
_FIRST_TO_LAST_LETTER = re.compile(r"[^\W_](?:.*[^\W_])?", re.DOTALL)


def markdown(book: Book) -> bytes:
    """Give the file."""
    blocks = [f"# {escaped(book.title)}"]
    if book.author:
        blocks.append(f"*{escaped(by_line(book))}*")
    blocks.append(escaped(facts(book)))
    blocks += map(_paragraph, book.paragraphs)
    blocks += ["* * *", *map(escaped, credit_lines(book, mark="in bold"))]
    return ("\n\n".join(blocks) + "\n").encode()


def escaped(line: str) -> str:
    """Give one line so that Markdown shows it to the letter."""
    return _LINE_START.sub(r"\1\\", _SIGN.sub(r"\\\g<0>", line))


def _paragraph(paragraph: Paragraph) -> str:
    # The start of a line is escaped last: a mark of ours may stand in front of it.
    text = "".join(_run(run) for run in paragraph)
    return _LINE_START.sub(r"\1\\", text)


def _run(run: Run) -> str:
    words = _FIRST_TO_LAST_LETTER.search(run.text)
    if not run.is_persons or words is None:
        return _SIGN.sub(r"\\\g<0>", run.text)
    # Bold begins and ends at a letter: next to a space or a comma its marks would be shown as they are.
    before, after = run.text[: words.start()], run.text[words.end() :]
    inner, outer = _SIGN.sub(r"\\\g<0>", words[0]), [_SIGN.sub(r"\\\g<0>", part) for part in (before, after)]
    return f"{outer[0]}**{inner}**{outer[1]}"

"""A story made ready for reading: title page, paragraphs of the chosen branch, and who wrote what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.errors import StoryEmpty, StoryNotFound, StoryUnfinished
from bot.exports.printable import printable, printable_line
from bot.store import Author, Passage, PassageState, StoredStory
from bot.storytelling.joining import pieces

UNTITLED = "Untitled"
NO_NAME = "somebody without a name here"

_PARAGRAPH_BREAK = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one paragraph by one author."""

    text: str
    author: Author

    @property
    def is_persons(self) -> bool:
        """Say whether a person wrote it."""
        return self.author is Author.PERSON


Paragraph = tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What the story's rows don't say about the book to be made."""

    genre: str
    """The genre as people read it."""
    colour: int
    """The genre's colour, 0xRRGGBB."""
    author: str
    """The name that the person wants on it; empty for none."""
    licences: Mapping[str, str]
    """Licence of each model that it is known of, by the model's name."""
    names: Mapping[int, str] = field(default_factory=dict)
    """Of a story told together, the names of those who told it, by their ids; else empty."""
    told_together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One story, as every format takes it. Texts have no signs that a file can't carry, but nothing is escaped."""

    title: str
    genre: str
    colour: int
    author: str
    """Empty where the person wants no name on it."""
    begun: datetime
    """When the story began, in UTC."""
    paragraphs: tuple[Paragraph, ...]
    """The branch that was chosen, from the beginning to the head."""
    models: tuple[str, ...]
    """The models that wrote on this branch, by name."""
    licences: Mapping[str, str]
    told_by: Mapping[str, int]
    """Of a story told together, how many passages of this branch are whose, by name; else empty."""
    names: Mapping[int, str]
    """The names of those who told it together, by their ids."""
    story: StoredStory
    tree: tuple[Passage, ...]
    """All passages, also those of other branches, as they are stored; parents come before their children."""

    @property
    def words(self) -> int:
        """Words of the text, counted as people do."""
        return sum(len("".join(run.text for run in paragraph).split()) for paragraph in self.paragraphs)

    @property
    def has_both(self) -> bool:
        """Say whether both a person and a model have written here, so that it matters who wrote what."""
        authors = {run.author for paragraph in self.paragraphs for run in paragraph}
        return len(authors) > 1

    @property
    def date(self) -> str:
        """The day on which the story began, in words."""
        return f"{self.begun.day} {self.begun:%B %Y}"


def make_book(story: StoredStory, tree: Sequence[Passage], edition: Edition) -> Book:
    """Make a story and all of its passages (parents first) into a book.

    Raises StoryNotFound where the passages are gone, StoryUnfinished while one is being written, and
    StoryEmpty where nobody has written a word.
    """
    if not tree:
        raise StoryNotFound(story.id)
    if any(passage.state is PassageState.WAITING for passage in tree):
        raise StoryUnfinished(story.id)
    branch = branch_to(story.head_id, tree)
    paragraphs = paragraphs_of(branch)
    if not paragraphs:
        raise StoryEmpty(story.id)
    wrote = (passage.model for passage in branch if passage.author is Author.MODEL and passage.text and passage.model)
    return Book(
        title=printable_line(story.title) or UNTITLED,
        genre=printable_line(edition.genre),
        colour=edition.colour,
        author=printable_line(edition.author),
        begun=datetime.fromtimestamp(story.created_at, UTC),
        paragraphs=paragraphs,
        models=tuple(dict.fromkeys(map(printable_line, wrote))),
        licences={printable_line(model): printable_line(licence) for model, licence in edition.licences.items()},
        told_by=_told_by(branch, edition) if edition.told_together else {},
        names={user_id: printable_line(name) for user_id, name in edition.names.items()},
        story=story,
        tree=tuple(tree),
    )


def branch_to(head_id: int | None, tree: Iterable[Passage]) -> list[Passage]:
    """Give the passages from the beginning to the head."""
    by_id = {passage.id: passage for passage in tree}
    branch: list[Passage] = []
    passage = by_id.get(head_id or 0)
    while passage is not None:
        branch.append(passage)
        passage = by_id.get(passage.parent_id or 0)
    return branch[::-1]


def _told_by(branch: Iterable[Passage], edition: Edition) -> dict[str, int]:
    """Count people's passages, those of whoever has the most first."""
    wrote = Counter(passage.user_id for passage in branch if passage.author is Author.PERSON and passage.text)
    told: Counter[str] = Counter()
    for user_id, count in wrote.items():
        told[printable_line(edition.names.get(user_id, "")) or NO_NAME] += count
    return dict(told.most_common())


def paragraphs_of(branch: Sequence[Passage]) -> tuple[Paragraph, ...]:
    """Give the text of passages that follow each other by paragraphs; a line break of any kind parts two."""
    paragraphs: list[list[Run]] = [[]]
    for passage, text in zip(branch, pieces(branch), strict=True):
        first, *others = _PARAGRAPH_BREAK.split(printable(text))
        paragraphs[-1].append(Run(first, passage.author))
        paragraphs.extend([Run(other, passage.author)] for other in others)
    return tuple(paragraph for paragraph in map(_tidy, paragraphs) if paragraph)


def _tidy(runs: Iterable[Run]) -> Paragraph:
    """Make neighbours of one author one run, and take the spaces off both ends of the paragraph."""
    merged: list[Run] = []
    for run in runs:
        text = run.text if merged else run.text.lstrip()
        if merged and merged[-1].author is run.author:
            text = merged.pop().text + text
        if text:
            merged.append(Run(text, run.author))
    while merged and not merged[-1].text.strip():
        merged.pop()
    if merged:
        merged[-1] = Run(merged[-1].text.rstrip(), merged[-1].author)
    return tuple(merged)

"""A story as JSON with everything that is known of it, and how to read that back. ``docs/export.md`` describes it.

Passages have numbers of their own, from 1 on, and people too: ids of Discord and of the database stay at home.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.errors import StoryFileUnreadable
from bot.exports.book import Book
from bot.exports.credit_lines import credit_lines
from bot.store import Author, Passage, PassageState, TitleOrigin
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason

FORMAT: Final = "storybot-story"
VERSION: Final = 2
"""Goes up when a reader of the version before would misread or refuse the file.

Version 1 had no memory, no origin of the title, no chosen way, and nothing was edited or rewritten: the defaults.
"""

LARGEST: Final = 10 * 1024 * 1024
"""Bytes of a file that is read back; Discord takes no larger ones (``formats.FILE_LIMIT``)."""

Number = Annotated[int, Field(ge=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class StoryPart(_Part):
    """The story as a whole."""

    title: str
    title_origin: TitleOrigin = TitleOrigin.TEXT
    memory: str = ""
    """The facts that the model kept in mind."""
    genre: str
    """The genre's name, as the model knows it."""
    genre_label: str
    created_at: datetime
    updated_at: datetime
    head: Number
    """The passage at which the story ends as it reads now."""


class PersonPart(_Part):
    """Somebody who wrote a passage, or asked the model for one."""

    number: Number
    name: str | None
    """As the person who exported it wanted to be called, and as those are called who told it together; else None."""


class PassagePart(_Part):
    """One passage; figures are None for a person's passage, and where the model has not finished."""

    number: Number
    parent: Number | None
    """The passage that it follows; None for a beginning."""
    author: Author
    person: Number
    """Who wrote it, or who asked the model for it."""
    text: str
    state: PassageState
    created_at: datetime
    finished_at: datetime | None
    options: SamplingOptions | None
    """All sampling options that it was asked with."""
    seed: int | None
    model: str | None
    finish_reason: FinishReason | None
    prompt_tokens: int | None
    new_tokens: int | None
    prompt_was_cut: bool
    waiting_seconds: float | None
    writing_seconds: float | None
    chosen_child: Number | None = None
    """The passage below it through which the story went last."""
    edited: bool = False
    """Whether a person has changed what was written first."""
    rewritten: bool = False
    """Whether the model's first try repeated itself, and this is the second."""


class StoryFile(_Part):
    """The whole file."""

    format: Literal["storybot-story"]
    version: Literal[1, 2]
    credits: tuple[str, ...]
    """The sentences that say what wrote it, as they stand in the other formats."""
    story: StoryPart
    people: tuple[PersonPart, ...]
    passages: tuple[PassagePart, ...]
    """Parents come before their children."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        seen: set[int] = set()
        people = {person.number for person in self.people}
        for passage in self.passages:
            if passage.number in seen or (passage.parent is not None and passage.parent not in seen):
                raise ValueError(f"passage {passage.number} stands twice or before the one that it follows")
            if passage.person not in people:
                raise ValueError(f"nobody has number {passage.person}")
            seen.add(passage.number)
        parents = {passage.number: passage.parent for passage in self.passages}
        for passage in self.passages:
            if passage.chosen_child is not None and parents.get(passage.chosen_child) != passage.number:
                raise ValueError(f"passage {passage.chosen_child} does not follow {passage.number}")
        if self.story.head not in seen:
            raise ValueError(f"there is no passage {self.story.head} for the end")
        return self


def story_file(book: Book) -> bytes:
    """Give the file: indented JSON in UTF-8."""
    numbers = {passage.id: number for number, passage in enumerate(book.tree, 1)}
    people = _people(book)
    content = StoryFile(
        format=FORMAT,
        version=VERSION,
        credits=tuple(credit_lines(book)),
        story=_story(book, numbers),
        people=tuple(PersonPart(number=number, name=_name(book, user)) for user, number in people.items()),
        passages=tuple(_passage(passage, numbers, people) for passage in book.tree),
    )
    return (content.model_dump_json(indent=2) + "\n").encode()


def read_story_file(data: bytes) -> StoryFile:
    """Read a file back. Raises StoryFileUnreadable for anything that ``story_file`` can't have written."""
    if len(data) > LARGEST:
        raise StoryFileUnreadable("the file", f"it has more than {LARGEST:,} bytes")
    try:
        return StoryFile.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise StoryFileUnreadable(place, first["msg"]) from None  # its cause has the story's text


def _people(book: Book) -> dict[int, int]:
    """Give each person's number by their id, in the order in which they come."""
    order = dict.fromkeys(passage.user_id for passage in book.tree)
    return {user: number for number, user in enumerate(order, 1)}


def _name(book: Book, user_id: int) -> str | None:
    if name := book.names.get(user_id):
        return name
    return book.author or None if user_id == book.story.owner_id else None


def _story(book: Book, numbers: Mapping[int, int]) -> StoryPart:
    return StoryPart(
        title=book.title,
        title_origin=book.story.title_origin,
        memory=book.story.memory,
        genre=book.story.genre,
        genre_label=book.genre,
        created_at=_time(book.story.created_at),
        updated_at=_time(book.story.updated_at),
        head=numbers[book.story.head_id or 0],
    )


def _passage(passage: Passage, numbers: Mapping[int, int], people: Mapping[int, int]) -> PassagePart:
    return PassagePart(
        number=numbers[passage.id],
        parent=None if passage.parent_id is None else numbers[passage.parent_id],
        author=passage.author,
        person=people[passage.user_id],
        text=passage.text,
        state=passage.state,
        created_at=_time(passage.created_at),
        finished_at=None if passage.finished_at is None else _time(passage.finished_at),
        options=passage.options,
        seed=passage.seed,
        model=passage.model,
        finish_reason=passage.finish_reason,
        prompt_tokens=passage.prompt_tokens,
        new_tokens=passage.new_tokens,
        prompt_was_cut=passage.prompt_was_cut,
        waiting_seconds=passage.waiting_seconds,
        writing_seconds=passage.writing_seconds,
        chosen_child=numbers.get(passage.chosen_child_id or 0),
        edited=passage.edited,
        rewritten=passage.rewritten,
    )


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

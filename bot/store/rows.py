"""What the store gives: rows as frozen plain data, and how they are read from the tables."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from storygen.sampling import OPTION_NAMES, SamplingOptions, SamplingOverrides
from storygen.story import FinishReason


class Author(StrEnum):
    """Who wrote a passage."""

    PERSON = "person"
    MODEL = "model"


class PassageState(StrEnum):
    """How far a passage is."""

    WAITING = "waiting"
    """Its model passage is in the queue or being written; the row has no text yet."""
    DONE = "done"
    STOPPED = "stopped"
    """Somebody stopped it; it has the text that was written until then, perhaps none."""
    FAILED = "failed"
    """It ended with an error or a crash; it has no text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStory:
    """One story: a tree of passages with a head."""

    id: int
    owner_id: int
    guild_id: int | None
    channel_id: int
    genre: str
    title: str
    """Typed by the owner or the first words; empty until the first passage has ended."""
    head_id: int | None
    """The last passage of the story as it reads now: the newest that was finished with text, or the prompt."""
    private: bool
    created_at: int
    """UTC seconds, like every time here."""
    updated_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One stretch of a story by one author. Figures are None until the model has finished."""

    id: int
    story_id: int
    parent_id: int | None
    author: Author
    user_id: int
    """Who wrote it, or who asked the model for it."""
    text: str
    state: PassageState
    options: SamplingOptions | None
    """The complete options that it was asked with; None for a person's passage."""
    seed: int | None
    model: str | None
    finish_reason: FinishReason | None
    prompt_tokens: int | None
    new_tokens: int | None
    prompt_was_cut: bool
    waiting_seconds: float | None
    writing_seconds: float | None
    channel_id: int | None
    """Where it is shown, once it is."""
    message_id: int | None
    created_at: int
    finished_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassage:
    """What is known of a model's passage before it is written."""

    user_id: int
    text: str
    """The person's words that come first, as a passage of their own; may be empty."""
    options: SamplingOptions
    seed: int
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCounts:
    """How much the store holds, for ``/about``."""

    people: int
    """Owners of at least one story."""
    stories: int
    passages: int


def read_story(row: sqlite3.Row) -> StoredStory:
    """Give a row of ``stories`` as data."""
    return StoredStory(**{**dict(row), "private": bool(row["private"])})


def read_passage(row: sqlite3.Row) -> Passage:
    """Give a row of ``passages`` as data."""
    fields: dict[str, Any] = dict(row)
    fields["author"] = Author(row["author"])
    fields["state"] = PassageState(row["state"])
    fields["options"] = None if row["options"] is None else SamplingOptions(**_known_options(row["options"]))
    fields["finish_reason"] = None if row["finish_reason"] is None else FinishReason(row["finish_reason"])
    fields["prompt_was_cut"] = bool(row["prompt_was_cut"])
    return Passage(**fields)


def options_json(options: SamplingOptions) -> str:
    """Give a complete set of options as it is stored."""
    return json.dumps(asdict(options))


def overrides_json(overrides: SamplingOverrides) -> str:
    """Give the options that are set as they are stored."""
    return json.dumps(overrides.given())


def read_overrides(text: str) -> SamplingOverrides:
    """Give stored overrides as data."""
    return SamplingOverrides(**_known_options(text))


def _known_options(text: str) -> dict[str, Any]:
    """Read stored options without names that another version of the program knew."""
    return {name: value for name, value in json.loads(text).items() if name in OPTION_NAMES}

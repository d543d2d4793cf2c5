"""What the store gives: rows as frozen plain data, and how they are read from the tables."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass, field
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


class TitleOrigin(StrEnum):
    """Where a story's title comes from."""

    TEXT = "text"
    """The story's first words."""
    MODEL = "model"
    TYPED = "typed"


class ReportState(StrEnum):
    """What has become of a report."""

    OPEN = "open"
    DISMISSED = "dismissed"
    UPHELD = "upheld"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStory:
    """One story: a tree of passages with a head."""

    id: int
    owner_id: int
    """0 where the story is told together: it belongs to nobody alone."""
    guild_id: int | None
    channel_id: int
    genre: str
    title: str = field(repr=False)
    """Typed, the model's or the first words; empty until the first passage has ended."""
    head_id: int | None
    """The last passage of the story as it reads now: the newest that has text, unless another one was gone to."""
    private: bool
    created_at: int
    """UTC seconds, like every time here."""
    updated_at: int
    memory: str = field(default="", repr=False)
    """Facts that the model keeps in mind."""
    title_origin: TitleOrigin = TitleOrigin.TEXT
    titled_by: int | None = None
    """Who typed the title; None where nobody did."""
    branched_from: int | None = None
    """The story that this one began as a copy of; it may be gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One stretch of a story by one author. Figures are None until the model has finished."""

    id: int
    story_id: int
    parent_id: int | None
    author: Author
    user_id: int
    """Who wrote it, asked the model for it or edited it last; 0 where that person is forgotten."""
    text: str = field(repr=False)
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
    chosen_child_id: int | None = None
    """The child through which the story went last."""
    edited: bool = False
    """A person has changed what the model had written."""
    rewritten: bool = False
    """The model's first try repeated itself, and this is the second."""
    shard: int = 0
    """The lowest shard of the process that wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What one person may have told in one server; 0 is no limit."""

    guild_id: int
    cooldown: int
    """Seconds between the requests for two passages."""
    an_hour: int
    """Passages within an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassage:
    """What is known of a model's passage before it is written."""

    user_id: int
    text: str = field(repr=False)
    """The person's words that come first, as a passage of their own; may be empty."""
    options: SamplingOptions
    seed: int
    model: str
    quota: Quota | None = None
    """What it counts against where a server limits what people have told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCounts:
    """How much the store holds, for ``/about``."""

    people: int
    """Owners of at least one story."""
    stories: int
    passages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartState:
    """Whether somebody now gives a story a ♥, and how many it has."""

    given: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A place where a story was posted for others to read."""

    id: int
    story_id: int
    user_id: int
    guild_id: int | None
    channel_id: int
    message_id: int | None
    """None until the message is there."""
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Somebody says that a passage should not be there."""

    id: int
    story_id: int
    passage_id: int
    reporter_id: int
    guild_id: int | None
    """Where it was reported."""
    reason: str = field(repr=False)
    state: ReportState
    created_at: int
    decided_by: int | None = None
    """Who of those who run the server has decided; None while it is open, 0 where that person is forgotten."""
    decided_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LovedStory:
    """A story and how many ♥ it was given in the time that was asked for."""

    story: StoredStory
    hearts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSummary:
    """How much is stored about a person."""

    stories: int
    passages: int
    """Passages of these stories."""
    words: int
    """Words of these passages, of all versions."""
    hearts_given: int
    reports: int
    presets: int
    blocks: int = 0
    """Servers in which the person is blocked."""
    server_changes: int = 0
    """What the person changed in servers, as far as the log reaches."""
    recent_tellings: int = 0
    """Passages of the last hour that count against servers' limits."""
    saved_options: int
    keeps_history: bool
    oldest: int | None
    """When the oldest of their stories began; None where they have none."""
    words_in_others: int
    """Words that they typed in other people's stories."""
    circles: int = 0
    """Stories told together that they began or take part in."""
    archived: int = 0
    """Posts of their stories in archives of servers."""
    withdrawn: int = 0
    """How often a server has taken out one of their stories."""
    decisions: int = 0
    """What they have decided or changed for servers that they run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What went when a person was forgotten."""

    stories: int
    passages_elsewhere: int
    """Passages in other people's stories that were theirs and now are nobody's."""
    servers_left: int = 0
    """Servers for which the person's number stays: they are blocked there, or used up a part of a limit."""


def read_story(row: sqlite3.Row | dict[str, Any]) -> StoredStory:
    """Give a row of ``stories`` as data."""
    fields: dict[str, Any] = dict(row)
    fields["private"] = bool(row["private"])
    fields["title_origin"] = TitleOrigin(row["title_origin"])
    return StoredStory(**fields)


def read_passage(row: sqlite3.Row) -> Passage:
    """Give a row of ``passages`` as data."""
    fields: dict[str, Any] = dict(row)
    fields["author"] = Author(row["author"])
    fields["state"] = PassageState(row["state"])
    fields["options"] = None if row["options"] is None else SamplingOptions(**_known_options(row["options"]))
    fields["finish_reason"] = None if row["finish_reason"] is None else FinishReason(row["finish_reason"])
    for name in ("prompt_was_cut", "edited", "rewritten"):
        fields[name] = bool(row[name])
    return Passage(**fields)


def read_report(row: sqlite3.Row) -> Report:
    """Give a row of ``reports`` as data."""
    return Report(**{**dict(row), "state": ReportState(row["state"])})


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

"""Sentences: what the model or its engine could not do."""

from __future__ import annotations

from bot.sentences.table import Sentences
from bot.sentences.waiting_time import in_words
from storygen.engines.remote.errors import ServerRefused
from storygen.errors import (
    CheckpointError,
    EngineFailed,
    EngineStopped,
    InvalidOption,
    NotOffered,
    NoTurn,
    OutOfMemory,
    QueueFull,
    ShareFull,
    StorygenError,
    UnknownGenre,
)

OPTION_LABELS = {"max_new_tokens": "max_length"}
"""Where people type another word than storygen's: the original documentation says max_length for new tokens."""


def _invalid_option(error: InvalidOption) -> str:
    name = OPTION_LABELS.get(error.field, error.field)
    if error.minimum == 0 and error.maximum == 1 and error.field == "do_sample":
        return f"`{name}` is either true or false."
    return f"`{name}` goes from {_number(error.minimum)} to {_number(error.maximum)}."


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _later(error: QueueFull) -> str:
    if error.waiting_seconds is None:
        return "Please try again in a minute."
    return f"Another would wait {in_words(error.waiting_seconds)}; please try again then."


SENTENCES: Sentences = {
    UnknownGenre: lambda error: f"I don't know that genre. I write {', '.join(error.known)}.",
    InvalidOption: _invalid_option,
    ShareFull: lambda error: f"This server has {error.limit} stories waiting, all that it may. {_later(error)}",
    QueueFull: lambda error: f"The queue is full: {error.limit} stories are waiting. {_later(error)}",
    EngineStopped: lambda _: "I'm shutting down. Your stories are kept; please try again in a few minutes.",
    ServerRefused: lambda _: (
        "The server that writes for me does not accept my requests. Whoever runs me finds why in the log."
    ),
    OutOfMemory: lambda _: (
        "This needs more memory than my machine has. Fewer words before it, or a smaller `max_length`, may do."
    ),
    EngineFailed: lambda _: "The model stumbled over this one. Nothing of your story is lost; press Retry.",
    NotOffered: lambda _: (
        "The model that writes here runs on another server, which does not tell me how probable its words are. "
        "`/story` works as ever."
    ),
    NoTurn: lambda _: "So many stories are waiting that yours had no turn. Please try again later.",
    CheckpointError: lambda _: (
        "My model could not be loaded, so I can't write now. Whoever runs me finds why in the log."
    ),
    StorygenError: lambda _: "The model could not do that. Please try it another way.",
}

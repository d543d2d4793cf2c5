"""Every error that a person can do something about, as a sentence: a file for each of ``bot/errors``, and two more."""

from __future__ import annotations

from bot.sentences import (
    archive,
    database,
    discord,
    exploring,
    exports,
    filtering,
    model,
    operating,
    presets,
    privacy,
    servers,
    stories,
    together,
)
from bot.sentences.table import Sentences

_ROOMS = (
    archive,
    database,
    discord,
    exploring,
    exports,
    filtering,
    model,
    operating,
    presets,
    privacy,
    servers,
    stories,
    together,
)
_SENTENCES: Sentences = {kind: sentence for room in _ROOMS for kind, sentence in room.SENTENCES.items()}

__all__ = ["sentence_for"]


def sentence_for(error: BaseException) -> str | None:
    """Give the sentence for an error, by the nearest of its kinds that has one; None for a fault of ours."""
    for kind in type(error).__mro__:
        if kind in _SENTENCES:
            return _SENTENCES[kind](error)
    return None

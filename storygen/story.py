"""What is asked of an engine and what comes back: plain data without threads, tensors or Discord."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import StrEnum

from storygen.sampling import SamplingOptions

FINISHING_TOKENS = 24
"""How many tokens more a story may take to finish a sentence: about as many as one has."""


class FinishReason(StrEnum):
    """Why a story ended."""

    EOS = "eos"
    """The model wrote its end token."""
    LENGTH = "length"
    """max_new_tokens were written, and what finishes the sentence; or the model has no more positions."""
    CANCELLED = "cancelled"
    """Somebody stopped it; what was written so far is kept."""
    DEADLINE = "deadline"
    """Its time was over; what was written so far is kept."""


class Wanted(StrEnum):
    """What the model is to write."""

    TEXT = "text"
    """More of the story."""
    TITLE = "title"
    """A title for it; see ``storygen.titles``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRequest:
    """One stretch of text, or a title, that is wanted from the model."""

    genre: str
    """Name of a genre of the engine's checkpoint."""
    prompt: str = field(repr=False)  # as all that people and models write: an error may be logged with what it has
    """The text so far, cleaned (``prompt.clean_text``); may be empty. Too long is cut from the left."""
    title: str = field(default="", repr=False)
    """The story's title, chosen beforehand. A checkpoint that was trained without titles does not see it."""
    memory: str = field(default="", repr=False)
    """Facts that stand in front of the text, as sentences, and are not cut away with it.

    They take at most a quarter of the model's positions; what is longer is cut after a sentence.
    """
    wants: Wanted = Wanted.TEXT
    """A title comes back as the Story's text; empty where the checkpoint or the model has none to give."""
    finish_sentence: bool = False
    """After ``max_new_tokens``, go on to the end of the sentence, for at most ``FINISHING_TOKENS`` more."""
    options: SamplingOptions
    seed: int
    """0 to 2**63 - 1. The same checkpoint, prompt, options and seed give the same story."""
    deadline_seconds: float = 300.0
    """Seconds from submission after which the story ends with what it has."""
    user: Hashable = None
    """Who asks, as any key: people take turns. All without one count as one person."""
    group: Hashable = None
    """Where it is asked, as any key: groups of people take turns too. All without one count as one group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What the model wrote, and how."""

    text: str = field(repr=False)
    """The new text only, without the prompt and without control tokens; begins with a space where a word begins."""
    finish_reason: FinishReason
    seed: int
    model: str
    """Name of the checkpoint."""
    prompt_tokens: int
    new_tokens: int
    prompt_was_cut: bool
    """The prompt did not fit and its beginning was left out."""
    waiting_seconds: float
    """From submission until the first step."""
    writing_seconds: float
    """From the first step to the last."""

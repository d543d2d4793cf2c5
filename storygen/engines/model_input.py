"""What a request is to the model: its text, and what is framed around it. Cleaned here, whoever let it through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from storygen.checkpoint import CheckpointInfo
from storygen.engines.prompt_window import Encode, fit_beginning
from storygen.prompt import EOS, clean_text, render_prompt, render_title_prompt
from storygen.story import FINISHING_TOKENS, StoryRequest, Wanted

GREATEST_TITLE_SHARE = 16
"""A title that was given beforehand takes at most a sixteenth of the positions; what is over is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInput:
    """A prompt and how the model wants it framed."""

    text: str = field(repr=False)
    frame: Callable[[str], str] = field(default=str)
    """Puts what must never be cut, the genre, in front of the text."""
    memory: str = field(default="", repr=False)
    """Facts that stand in front of the text whatever is cut of it."""
    finishing_tokens: int = 0
    """How many tokens more than its length the story may take to finish a sentence."""


def genre_input(genre: str, text: str, info: CheckpointInfo) -> ModelInput:
    """Frame a text with its genre."""
    return ModelInput(text=_cleaned(text, info), frame=lambda part: render_prompt(genre, part))


def title_input(genre: str, text: str, info: CheckpointInfo) -> ModelInput:
    """Frame a text as a story that has ended, so that its title comes next."""
    return ModelInput(
        text=_cleaned(text, info), frame=lambda part: render_title_prompt(f"{render_prompt(genre, part)} {EOS}")
    )


def input_for(request: StoryRequest, info: CheckpointInfo, encode: Encode, n_positions: int) -> ModelInput:
    """Frame all that a request brings; its title only where the checkpoint knows titles."""
    genre = request.genre
    if request.wants is Wanted.TITLE:
        return title_input(genre, request.prompt, info)
    title = " ".join(_cleaned(request.title, info).split()) if info.titles else ""
    title = fit_beginning(title, encode, n_positions // GREATEST_TITLE_SHARE)
    return ModelInput(
        text=_cleaned(request.prompt, info),
        frame=lambda part: render_prompt(genre, part, title),
        memory=_cleaned(request.memory, info),
        finishing_tokens=FINISHING_TOKENS if request.finish_sentence else 0,
    )


def _cleaned(text: str, info: CheckpointInfo) -> str:
    cleaned = without = clean_text(text, info.genres)
    for token in info.special_tokens:
        without = without.replace(token, " ")
    return cleaned if without == cleaned else clean_text(without, info.genres)

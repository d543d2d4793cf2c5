"""The ``/story`` line that asks for a passage again: its genre, words, options and seed."""

from __future__ import annotations

from dataclasses import asdict

from bot.store import Author, Passage, TitleOrigin
from bot.storytelling.story_editor import ShownPassage
from storygen.sampling import SamplingOptions

TYPED_NAMES = {"max_new_tokens": "max_length"}
"""What an option is called in ``/story`` where that is another word than storygen's."""


def recipe(shown: ShownPassage) -> str:
    """Give the line; of a later passage without the text above it, which no command can carry."""
    written = _written(shown)
    parts = [f"/story genre:{shown.story.genre}"]
    prompt = _on_one_line(shown.path[0].text) if shown.path[0].author is Author.PERSON else ""
    if prompt:
        parts.append(f"prompt:{prompt}")
    if shown.story.title_origin is TitleOrigin.TYPED:
        parts.append(f"title:{_on_one_line(shown.story.title)}")
    if written is not None and written.options is not None:
        parts += _options(written.options)
    if written is not None and written.seed is not None:
        parts.append(f"seed:{written.seed}")
    if shown.story.private:
        parts.append("private:True")
    return " ".join(parts)


def needs_more(shown: ShownPassage) -> bool:
    """Say whether the passage needs more than the line says: the text above it, or facts kept in mind."""
    first = 2 if shown.path[0].author is Author.PERSON else 1  # the model's first passage, counted from the beginning
    return len(shown.path) > first or bool(shown.story.memory)


def _written(shown: ShownPassage) -> Passage | None:
    """Give the model's passage that is meant: the one shown, else the last before it."""
    return next((passage for passage in reversed(shown.path) if passage.options is not None), None)


def _options(options: SamplingOptions) -> list[str]:
    return [f"{TYPED_NAMES.get(name, name)}:{value}" for name, value in asdict(options).items()]


def _on_one_line(text: str) -> str:
    """Give ``text`` without what would end the block of code in which it is shown."""
    return " ".join(text.replace("```", "'''").split())

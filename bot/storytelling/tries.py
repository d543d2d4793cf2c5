"""What of the model's tries becomes a passage: polished; some are written again.

Those are an empty one, one that goes in circles, and one that is not let through.

Each of the three happens once for a passage. People see the newest try grow.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from bot.errors import NothingWritten, OutputRefused, TurnNeverCame
from bot.moderation import Kind
from bot.storytelling.seeds import next_seed
from bot.storytelling.telling import Telling
from storygen.engine import Engine
from storygen.errors import StorygenError
from storygen.loops import before_circles, goes_in_circles
from storygen.polish import polish
from storygen.sampling import SamplingOptions, clamp
from storygen.story import FinishReason, Story

HIGHER_PENALTY = 0.3
"""So much is added to the repetition penalty of a passage that went in circles.

Without drawing, 21 of 24 passages of the built-in model do so with the penalty 1.1, one of these with 1.3, none with
1.4; with the penalty 1.0 it is 23 of 24, then 2 with 1.2 and one with 1.3. What is drawn seldom does.
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A try, or what of it becomes the passage, and how it was written."""

    story: Story
    """With the text as it is stored and shown."""
    written: str
    """The text as the model wrote it."""
    options: SamplingOptions
    refused: Kind | None = None
    """Why it is not let through."""
    rewritten: bool = False
    """A first try went in circles, and this is the second."""


async def kept_of(telling: Telling, engine: Engine) -> Kept:
    """Wait for the model and give what is kept of it.

    Without text only where it was stopped; else raises NothingWritten, OutputRefused, TurnNeverCame, or what the
    engine raised.
    """
    first = await _fit_try(telling, engine)
    if _is_missing(first, telling) and first.story.finish_reason is FinishReason.DEADLINE:
        raise TurnNeverCame
    if _is_missing(first, telling):
        log.info("passage %d has nothing to show and is tried again", telling.passage.id)
        request = telling.generation.request
        telling.generation = engine.submit(replace(request, seed=next_seed(request.seed)))
        first = await _fit_try(telling, engine)
    if _is_missing(first, telling):
        raise NothingWritten
    return await _out_of_circles(telling, engine, first)


def less_repetitive(options: SamplingOptions) -> SamplingOptions:
    """Give the options with which a passage that went in circles is written again: a higher penalty, all else as said.

    Who wants the most probable words gets them still. The passage keeps these options, so they go on holding for what
    is told from it on.
    """
    penalty = round(options.repetition_penalty + HIGHER_PENALTY, 6)  # people read it: 1.4, not 1.4000000000000001
    return clamp(replace(options, repetition_penalty=penalty))


async def _out_of_circles(telling: Telling, engine: Engine, first: Kept) -> Kept:
    """Give a first try as it is, or where it goes in circles a second one, or what is good of either."""
    before = telling.generation.request.prompt
    # As it was written: polishing would cut off an endless last sentence and leave a short text that looks well.
    if _is_stopped(first, telling) or not goes_in_circles(first.written, before):
        return first
    short = _without_circles(first, before)
    if first.story.finish_reason is FinishReason.DEADLINE:
        return short
    second = await _second_try(telling, engine)
    if second is None or not second.story.text:
        stopped = telling.stopped or (second is not None and _is_stopped(second, telling))
        return _as_stopped(short) if stopped else short
    if _is_stopped(second, telling) or not goes_in_circles(second.written, before):
        return second
    return max(_without_circles(second, before), short, key=lambda kept: len(kept.story.text))


async def _second_try(telling: Telling, engine: Engine) -> Kept | None:
    """Have a passage written again; None where the engine does not."""
    log.info("passage %d goes in circles and is written again", telling.passage.id)
    request = telling.generation.request
    again = replace(request, seed=next_seed(request.seed), options=less_repetitive(request.options))
    try:
        telling.generation = engine.submit(again)
        telling.rewriting = True
        return replace(await _fit_try(telling, engine), rewritten=True)
    except (StorygenError, OutputRefused) as error:
        log.warning("passage %d could not be written again: %s", telling.passage.id, type(error).__name__)
        return None


def _as_stopped(kept: Kept) -> Kept:
    return replace(kept, story=replace(kept.story, finish_reason=FinishReason.CANCELLED))


def _without_circles(kept: Kept, before: str) -> Kept:
    """Give what stands before the circles; all of it where that is nothing."""
    text = polish(before_circles(kept.written, before)).rstrip() or kept.story.text
    return replace(kept, story=replace(kept.story, text=text))


async def _fit_try(telling: Telling, engine: Engine) -> Kept:
    """Give a try that is let through; one that is not is written again, once for a passage. Raises OutputRefused."""
    kept = await _ended_try(telling)
    if kept.refused is None:
        return kept
    log.info("passage %d is not let through (%s)", telling.passage.id, kept.refused)
    if telling.refused is not None:
        raise OutputRefused(kept.refused)
    telling.refused = kept.refused
    request = telling.generation.request
    telling.generation = engine.submit(replace(request, seed=next_seed(request.seed)))
    return await _fit_try(telling, engine)


async def _ended_try(telling: Telling) -> Kept:
    """Give a try as it would be stored. A stopped one keeps all that may be shown; spaces alone are no text."""
    story = await telling.generation.story()
    text, found = _polished(story), _refusal(telling, story)
    if found is not None and telling.stopped:
        text, found = telling.safe.shown, None
    return Kept(
        story=replace(story, text=text.rstrip()),
        written=story.text,
        options=telling.generation.request.options,
        refused=found,
    )


def _polished(story: Story) -> str:
    return story.text if story.finish_reason is FinishReason.CANCELLED else polish(story.text)


def _refusal(telling: Telling, story: Story) -> Kind | None:
    """Say why a try is not let through: as it was written, and as it would be stored, for polishing joins words."""
    safe, above = telling.safe, telling.context
    if safe.found is None:
        safe.finish(story.text)
    return safe.found or telling.text_filter.finds(_polished(story), above)


def _is_missing(kept: Kept, telling: Telling) -> bool:
    """Say whether there ought to be a text and is none."""
    return not kept.story.text and not _is_stopped(kept, telling)


def _is_stopped(kept: Kept, telling: Telling) -> bool:
    return telling.stopped or kept.story.finish_reason is FinishReason.CANCELLED

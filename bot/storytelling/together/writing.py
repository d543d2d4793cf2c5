"""What the bot writes in a story told together: one passage, or several to choose from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bot.errors import BotError, NothingWritten
from bot.store import Circle, Passage
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller
from bot.storytelling.together import rules
from bot.storytelling.together.stage import News, Stage, What
from storygen.errors import StorygenError

REFUSED = (BotError, StorygenError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it."""

    rule: Callable[[Circle, int], Circle]
    """What becomes of the circle; takes the time as well."""
    news: tuple[News, ...] = ()


async def written(circle: Circle, storyteller: Storyteller, stage: Stage) -> Outcome:
    """Have the bot write what this turn wants, and give what came of it."""
    try:
        if circle.votes:
            return await _candidates(circle, storyteller)
        return await _passage(circle, storyteller, stage)
    except REFUSED as error:
        return _failed(circle, error)


def asker(circle: Circle) -> Teller:
    """Say for whom the bot writes: whoever asked or wrote last, else whoever began the story."""
    user_id = circle.turn_user_id or circle.last_writer_id or circle.starter_id
    return Teller(user_id=user_id, guild_id=circle.guild_id, channel_id=circle.channel_id)


async def _passage(circle: Circle, storyteller: Storyteller, stage: Stage) -> Outcome:
    telling = await storyteller.go_on_together(asker(circle), circle.tip_id, as_of=circle.starter_id)
    growing = asyncio.create_task(stage.grow(circle, telling))
    try:
        passage = await telling.finished()
    finally:
        await asyncio.wait([growing])
    if not passage.text:
        return _failed(circle, NothingWritten())
    return Outcome(rule=lambda now_circle, now: rules.bot_wrote(now_circle, circle.turn, passage.id, now))


async def _candidates(circle: Circle, storyteller: Storyteller) -> Outcome:
    asked = partial(storyteller.go_on_together, asker(circle), circle.tip_id, as_of=circle.starter_id)
    tellings = [await asked(beside_others=True) for _ in range(rules.CANDIDATES)]
    ends = await asyncio.gather(*(telling.finished() for telling in tellings), return_exceptions=True)
    passages = [end for end in ends if isinstance(end, Passage) and end.text]
    # Two that are the same are no choice.
    found = list({passage.text: passage.id for passage in reversed(passages)}.values())[::-1]
    if not found:
        error = next((end for end in ends if isinstance(end, REFUSED)), None)
        return _failed(circle, error or NothingWritten())
    if len(found) == 1:
        return Outcome(rule=lambda now_circle, now: rules.bot_wrote(now_circle, circle.turn, found[0], now))
    return Outcome(rule=lambda now_circle, now: rules.vote_opened(now_circle, circle.turn, found, now))


def _failed(circle: Circle, error: Exception) -> Outcome:
    news = News(what=What.FAILED, error=error)
    return Outcome(rule=lambda now_circle, now: rules.bot_failed(now_circle, circle.turn, now), news=(news,))

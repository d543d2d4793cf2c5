"""Crowds that come at once, and the turns that each of them gets from the real engine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from bot.errors import TooManyStories
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller, Telling
from storygen.engine import Engine
from storygen.errors import QueueFull, ShareFull
from storygen.generation import Generation
from storygen.sampling import SamplingOptions, SamplingOverrides
from storygen.story import Story, StoryRequest

HOG = 1
"""The person who asks for much."""
REQUESTS = 100
OTHERS = tuple(range(2, 12))
"""Ten people with one request each, who come after all of the hog's."""
BIG, SMALL = 100, 200
"""A server with many people, and one with few."""
TOKENS = 30
SHORT = SamplingOverrides(max_new_tokens=TOKENS)

Ended = TypeVar("Ended")
Asking = tuple[int, int | None]
"""A user and their group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request that was served."""

    user: int
    group: int | None
    place: int
    """Its place in the line when it was asked for; 1 is next."""
    turn: int
    """How many stories had begun with it: 1 is the first."""
    waiting_seconds: float


async def turns(engine: Engine, asking: Iterable[Asking]) -> list[Turn]:
    """Let people ask one after the other while the engine pauses, then let it write; give the turns in their order.

    ``asking`` are users with their groups. The engine writes one story at a time, so they end in the order in which
    they begin. Whoever is refused for a full queue has no turn.
    """
    engine.pause()
    order: list[Generation] = []
    places: dict[Generation, int] = {}
    for number, (user, group) in enumerate(asking):
        try:
            generation = engine.submit(_request(user, group, number))
        except (QueueFull, ShareFull):
            continue
        places[generation] = generation.position
        generation.when_done(partial(_note, order, generation))
    engine.resume()
    stories = {generation: await generation.story() for generation in places}
    await asyncio.sleep(0)  # the callback of the last one
    return [
        Turn(
            user=_number(generation.request.user) or 0,
            group=_number(generation.request.group),
            place=places[generation],
            turn=turn,
            waiting_seconds=stories[generation].waiting_seconds,
        )
        for turn, generation in enumerate(order, start=1)
    ]


async def tell_all(storyteller: Storyteller, engine: Engine) -> tuple[list[int], int]:
    """Let the hog and the others ask the bot; give whose stories ended in which order, and how often it refused."""
    engine.pause()
    order: list[int] = []
    refused = 0
    tellings: list[Telling] = []
    for user in [HOG] * REQUESTS + list(OTHERS):
        by = Teller(user_id=user, guild_id=BIG, channel_id=1)
        try:
            telling = await storyteller.begin(by, genre="drama", prompt="It was", overrides=SHORT, seed=len(tellings))
        except TooManyStories:
            refused += 1
            continue
        telling.generation.when_done(partial(_note, order, user))
        tellings.append(telling)
    engine.resume()
    for telling in tellings:
        await telling.finished()
    return order, refused


def one_against_ten() -> list[Asking]:
    """Give the hog's requests, then one of each other, all in one server."""
    return [*((HOG, BIG) for _ in range(REQUESTS)), *((user, BIG) for user in OTHERS)]


def many_against_few(many: int = 40, few: int = 2) -> list[Asking]:
    """Give one request of each of many people in one server, then of each of a few in another."""
    return [*((user, BIG) for user in range(many)), *((1000 + user, SMALL) for user in range(few))]


def _note(order: list[Ended], ended: Ended, _story: Story | None) -> None:
    order.append(ended)


def _request(user: int, group: int | None, seed: int) -> StoryRequest:
    options = SamplingOptions(max_new_tokens=TOKENS)
    return StoryRequest(genre="drama", prompt="It was", options=options, seed=seed, user=user, group=group)


def _number(key: object) -> int | None:
    return key if isinstance(key, int) else None

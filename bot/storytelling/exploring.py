"""What ``/explore`` finds out: the odds of the next token, a picture of them, and the same opening told three ways.

Nothing of it is stored. One person explores once at a time, and in the engine's queue takes turns like everybody.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from bot.config import Config
from bot.errors import ExplorationFailed, PromptTooLong, ShuttingDown, StillExploring
from bot.moderation import TextFilter, fit_part
from bot.storytelling.gate import Gate
from bot.storytelling.moderator import Moderator
from bot.storytelling.telling import Teller
from storygen.engine import Engine
from storygen.errors import EngineFailed
from storygen.exploration import Exploration, ExploreRequest, TokenOdds
from storygen.generation import Generation
from storygen.genre import Genre
from storygen.pictures import draw_exploration
from storygen.polish import drop_broken_characters, drop_footnote_marks, tidy_spaces
from storygen.prompt import clean_text
from storygen.sampling import PRESETS, SamplingOptions, merge
from storygen.story import FinishReason, StoryRequest

EXPLORE_PROMPT_LENGTH = 500
"""Greatest length in characters of an explored prompt: it stands in a field of the answer, with marks between."""
WAY_TOKENS = 40
"""So long are the three beginnings."""
YOURS = "Your options"
COVERED = " ***"
"""Stands for a token that is not let through."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to see explored; all of it stands in the answer, from which it is read again."""

    genre: str
    prompt: str
    options: SamplingOptions
    seed: int
    """Of the three beginnings: the same for all, so that only the options make them differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The opening told with one set of options."""

    name: str
    options: SamplingOptions
    text: str
    goes_on: bool
    """It was only cut off; else the story ended here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """All that is shown."""

    wish: Wish
    exploration: Exploration
    picture: bytes
    """A PNG file."""
    ways: tuple[Way, ...]


class Exploring:
    """Explores for people; one for the whole bot, on one event loop."""

    def __init__(self, engine: Engine, config: Config, gate: Gate, moderator: Moderator) -> None:
        self._engine = engine
        self._gate = gate
        self._moderator = moderator
        self._seconds = config.story_seconds
        self._busy: dict[int, asyncio.Task[Explored]] = {}
        self._closing = False
        self._drawing = asyncio.Lock()

    @property
    def genres(self) -> tuple[Genre, ...]:
        """The genres that can be asked for."""
        return self._engine.genres

    async def explore(self, teller: Teller, wish: Wish) -> Explored:
        """Find out all that is shown.

        Raises StillExploring where the person's last one is not yet there, PromptTooLong, WordsRefused, ShuttingDown,
        ExplorationFailed, what the server's gate raises, and what the engine raises when it refuses. It is no story,
        so it does not count against a server's limits.
        """
        await self._gate.admit(teller)
        wish = replace(wish, prompt=self._clean(wish.prompt), options=replace(wish.options, do_sample=True))
        self._check_open()
        if teller.user_id in self._busy:
            raise StillExploring
        task = self._busy[teller.user_id] = asyncio.create_task(self._find_out(teller, wish), name="explore")
        task.add_done_callback(lambda _: self._busy.pop(teller.user_id))
        try:
            return await task
        except asyncio.CancelledError:
            self._check_open()
            raise
        except EngineFailed as error:  # its usual sentence speaks of Retry, which is not here
            raise ExplorationFailed from error

    def close(self) -> None:
        """Give up what is being explored; whoever waits for it gets ShuttingDown."""
        self._closing = True
        for task in self._busy.values():
            task.cancel()

    def _check_open(self) -> None:
        if self._closing:
            raise ShuttingDown

    async def _find_out(self, teller: Teller, wish: Wish) -> Explored:
        began = time.monotonic()
        await self._moderator.admit(teller.guild_id, wish.prompt)
        text_filter = await self._moderator.filter_for(teller.guild_id)
        exploration = _fit(await self._engine.explore(self._request(teller, wish)), text_filter)
        async with AsyncExitStack() as stack:  # who leaves gives up what is still being written
            told = {
                name: await stack.enter_async_context(self._engine.submit(self._story(teller, wish, options)))
                for name, options in _ways(wish.options).items()
            }
            async with self._drawing:  # a core for one picture at a time is enough
                picture = await asyncio.to_thread(draw_exploration, exploration)
            ways = [await _way(name, generation, text_filter) for name, generation in told.items()]
        log.info("explored %d characters in %.1f s", len(wish.prompt), time.monotonic() - began)
        return Explored(wish=wish, exploration=exploration, picture=picture, ways=tuple(ways))

    def _clean(self, prompt: str) -> str:
        prompt = clean_text(prompt, self.genres)
        if len(prompt) > EXPLORE_PROMPT_LENGTH:
            raise PromptTooLong(len(prompt), EXPLORE_PROMPT_LENGTH)
        return prompt

    def _request(self, teller: Teller, wish: Wish) -> ExploreRequest:
        return ExploreRequest(
            genre=wish.genre,
            prompt=wish.prompt,
            options=wish.options,
            deadline_seconds=self._seconds,
            user=teller.user_id,
            group=teller.guild_id,
        )

    def _story(self, teller: Teller, wish: Wish, options: SamplingOptions) -> StoryRequest:
        return StoryRequest(
            genre=wish.genre,
            prompt=wish.prompt,
            options=options,
            seed=wish.seed,
            deadline_seconds=self._seconds,
            user=teller.user_id,
            group=teller.guild_id,
        )


def _ways(options: SamplingOptions) -> Mapping[str, SamplingOptions]:
    options = replace(options, max_new_tokens=WAY_TOKENS)
    return {
        "Focused": merge(options, PRESETS["Focused"]),
        YOURS: options,
        "Wild": merge(options, PRESETS["Wild"]),
    }


def _fit(exploration: Exploration, text_filter: TextFilter) -> Exploration:
    """Cover the tokens that are not let through; their odds stay."""

    def covered(token: TokenOdds) -> TokenOdds:
        return replace(token, text=COVERED) if text_filter.finds(token.text, exploration.prompt) else token

    told = exploration.next_tokens
    tokens, edges = (tuple(map(covered, each)) for each in (told.tokens, told.edges))
    return replace(exploration, next_tokens=replace(told, tokens=tokens, edges=edges))


async def _way(name: str, generation: Generation, text_filter: TextFilter) -> Way:
    story = await generation.story()
    text = tidy_spaces(drop_footnote_marks(drop_broken_characters(story.text)))
    fit = fit_part(text_filter, text, generation.request.prompt)
    return Way(
        name=name,
        options=generation.request.options,
        text=fit,
        goes_on=fit != text or story.finish_reason is not FinishReason.EOS,
    )

"""What people do: they come at random, independently of each other, and do one thing or another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from bot.playground import Playground, PlaygroundRefused
from bot.playground.interactions import Interaction
from bot.playground.world import Channel, Message, User
from bot.sentences import sentence_for
from storygen.errors import EngineFailed
from tests.e2e.reading import is_finished, labels, shown_text
from tests.load.crowd import GENRES
from tests.load.ledger import Deed, Ledger

PATIENCE_SECONDS = 420.0
"""After this, who still waits for an end has lost. The bot lets a story take 240 s from the moment of its request."""
WORDS = "The lantern burned low and nobody on the ship had seen the captain since the storm"
COMMANDS = ("stories list", "settings show", "queue", "about", "help")
BROKEN = sentence_for(EngineFailed()) or ""
"""Stands above a story that broke off."""
STORY, CONTINUE = 0.6, 0.2
"""Of what people do, as parts; the rest are other commands."""


@dataclass(slots=True)
class Person:
    """Somebody, where they are, and the story that they had last."""

    user: User
    channel: Channel
    last: Message | None = field(default=None)


class People:
    """So many people on so many servers."""

    def __init__(self, playground: Playground, people: int, servers: int, *, max_length: int, seed: int) -> None:
        self.ledger = Ledger()
        self._playground = playground
        self._max_length = max_length
        self._random = Random(seed)  # noqa: S311 - no secret
        channels = [_channel(playground, number) for number in range(servers)]
        self._people = [
            Person(playground.add_user(f"Visitor {number}"), channels[number % servers]) for number in range(people)
        ]

    async def come(self, seconds: float, per_minute: float) -> None:
        """Let each come ``per_minute`` times on average, for so many seconds, and wait until all have an end.

        Arrivals are a Poisson process: the time between two is exponential. Nobody waits for somebody else's answer.
        """
        rate = len(self._people) * per_minute / 60
        end = time.monotonic() + seconds
        due = time.monotonic()
        async with asyncio.TaskGroup() as deeds:
            while (due := due + self._random.expovariate(rate)) < end:
                await asyncio.sleep(max(due - time.monotonic(), 0))
                deeds.create_task(self._act(self._random.choice(self._people)))

    async def _act(self, person: Person) -> None:
        what = self._random.random()
        if what < STORY:
            await self._tell(person)
        elif what < STORY + CONTINUE and person.last is not None:
            await self._continue(person, person.last)
        else:
            await self._command(person, self._random.choice(COMMANDS))

    async def _tell(self, person: Person) -> None:
        words = WORDS.split()
        options: dict[str, str | int] = {
            "genre": self._random.choice(GENRES),
            "prompt": " ".join(words[: self._random.randint(3, len(words))]),
            "max_length": min(max(round(self._max_length * self._random.uniform(0.3, 1.7)), 30), 800),
        }
        deed = self.ledger.begin("/story")
        asked = await self._playground.slash(person.user, "story", options, channel=person.channel)
        await self._watch(deed, asked, _own_message, person)

    async def _continue(self, person: Person, message: Message) -> None:
        try:
            pressed = await self._playground.press(person.user, message, "Continue")
        except PlaygroundRefused:  # the story has gone on somewhere else
            return
        await self._watch(self.ledger.begin("Continue"), pressed, _newest_followup, person)

    async def _command(self, person: Person, name: str) -> None:
        deed = self.ledger.begin(f"/{name}")
        asked = await self._playground.slash(person.user, name, channel=person.channel)
        if await self._acknowledged(deed, asked):
            await self._finish(deed, asked, lambda shown: shown.message)

    async def _watch(
        self, deed: Deed, asked: Interaction, where: Callable[[Interaction], Message | None], person: Person
    ) -> None:
        if not await self._acknowledged(deed, asked):
            return

        def ended(shown: Interaction) -> Message | None:
            message = where(shown)
            if message is None:
                return None
            if deed.first_words is None and (is_finished(message) or "▌" in shown_text(message)):
                deed.first_words = self._playground.clock.now() - asked.created
            return message if _has_ended(message) or _is_sentence(message) else None

        message = await self._finish(deed, asked, ended)
        if message is not None and is_finished(message):
            person.last = message

    async def _acknowledged(self, deed: Deed, asked: Interaction) -> bool:
        try:
            deed.acknowledged = await asked.acknowledged()
        except TimeoutError:
            deed.lost = "no answer within 3 seconds"
        return deed.lost is None

    async def _finish(
        self, deed: Deed, asked: Interaction, look: Callable[[Interaction], Message | None]
    ) -> Message | None:
        try:
            message: Message = await asked.until(look, PATIENCE_SECONDS)
        except TimeoutError:
            deed.lost = "still thinking at the end" if asked.thinking else "no end to the answer"
            return None
        deed.finished = self._playground.clock.now() - asked.created
        if deed.kind in {"/story", "Continue"} and (not is_finished(message) or _broke_off(message)):
            deed.refused = message.content
            deed.broke = deed.first_words is not None or _has_ended(message)
            deed.first_words = None
        return message


def _own_message(shown: Interaction) -> Message | None:
    return shown.message


def _newest_followup(shown: Interaction) -> Message | None:
    alive: Sequence[Message] = [message for message in shown.followups if not message.deleted and not message.loading]
    return alive[-1] if alive else None


def _has_ended(message: Message) -> bool:
    """Say whether the card grows no more, with a story or with the sentence why there is none."""
    found = labels(message)
    return bool(found) and "Stop" not in found


def _broke_off(message: Message) -> bool:
    """Say whether the model failed in the middle of it: what was shown stays, below a sentence."""
    return BROKEN in message.content


def _is_sentence(message: Message) -> bool:
    """Say whether these are the bot's own words alone, and no card."""
    return bool(message.content) and not (message.embeds and message.components)


def _channel(playground: Playground, number: int) -> Channel:
    guild = playground.guild if number == 0 else playground.add_guild(f"Server {number}")
    return playground.add_channel(f"stories-{number}", guild=guild)

"""A person who types and presses, and reads what comes; and a bot on the stage whose engine answers at once."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.app import StoryBot
from bot.playground import Channel, Interaction, Message, Playground, User
from storygen.generation import Generation
from storygen.story import StoryRequest, Wanted
from tests.e2e.conftest import Stage
from tests.e2e.reading import labels, plain, shown_text
from tests.fakes.scripted_engine import ScriptedEngine

SECONDS = 30.0
WORDS = (
    "lantern",
    "fog",
    "door",
    "stair",
    "raven",
    "clock",
    "letter",
    "harbour",
    "cellar",
    "garden",
    "mirror",
    "river",
)


@dataclass(slots=True)
class TalkingEngine(ScriptedEngine):
    """Answers every request at once: with another two sentences each time, and with no title."""

    count: int = field(default=0)

    def submit(self, request: StoryRequest) -> Generation:
        generation = ScriptedEngine.submit(self, request)
        if generation.done:  # the script had something for it
            return generation
        if request.wants is Wanted.TITLE:
            self.answer("")
        else:
            self.count += 1
            one, other = WORDS[self.count % len(WORDS)], WORDS[(self.count * 5 + 3) % len(WORDS)]
            self.answer(f" The {one} was number {self.count}. Behind it waited the {other}.")
        return generation


@asynccontextmanager
async def talking_bot(stage: Stage, engine: ScriptedEngine | None = None, **changes: Any) -> AsyncIterator[StoryBot]:
    """Run the bot with an engine that answers at once, until the block ends."""
    async with stage.bot(engine or TalkingEngine(), **{"edit_seconds": 0.0, **changes}) as bot:
        yield bot
    await stage.playground.bot_gone()


class Person:
    """Somebody in a channel. Every deed waits for what comes of it and gives the message that shows it."""

    def __init__(self, playground: Playground, user: User, channel: Channel | None = None) -> None:
        self.playground = playground
        self.user = user
        self.channel = channel or playground.channel

    async def use(self, name: str, /, **options: Any) -> Message:
        """Type a command."""
        return await settled(await self.ask(name, **options))

    async def ask(self, name: str, /, **options: Any) -> Interaction:
        """Type a command and don't wait."""
        return await self.playground.slash(self.user, name, options, channel=self.channel)

    async def forge(self, name: str, /, **options: Any) -> str:
        """Send what no client would, and give the sentence that comes back."""
        asked = await self.playground.slash(self.user, name, options, channel=self.channel, unchecked=True)
        return words_of(await settled(asked))

    async def suggestions(self, name: str, option: str, typed: str = "") -> list[str]:
        """Give the values that are suggested."""
        found = await self.playground.autocomplete(self.user, name, option, typed, channel=self.channel)
        return [str(choice["value"]) for choice in found]

    async def press(self, message: Message, what: str) -> Message:
        """Press a button."""
        before = len(message.history)
        return await settled(await self.playground.press(self.user, message, what), before)

    async def choose(self, message: Message, what: str, *values: str) -> Message:
        """Choose in a select."""
        before = len(message.history)
        return await settled(await self.playground.select(self.user, message, what, values), before)

    async def fill(self, message: Message, what: str, fields: Mapping[str, Any] | None = None) -> Message:
        """Press a button that opens a form, and send the form."""
        before = len(message.history)
        return await self._send(await self.playground.press(self.user, message, what), fields, before)

    async def use_menu(self, name: str, target: Message | User, fields: Mapping[str, Any] | None = None) -> Message:
        """Use an entry of a menu, and send the form where one opens."""
        asked = await self.playground.menu(self.user, name, target, channel=self.channel)
        await asked.acknowledged()
        return await settled(asked) if asked.modal is None else await self._send(asked, fields, 0)

    async def _send(self, opened: Interaction, fields: Mapping[str, Any] | None, before: int) -> Message:
        await opened.until(lambda shown: shown.failed or shown.modal or shown.message or shown.followups, SECONDS)
        assert opened.modal is not None, [words_of(message) for message in _answers(opened, 0)] or opened.failed
        return await settled(await self.playground.submit(self.user, opened, fields or {}), before)

    def sees(self, message: Message) -> bool:
        """Say whether the person sees a message now."""
        return message in self.playground.messages(message.channel, viewer=self.user)


async def settled(asked: Interaction, before: int = 0) -> Message:
    """Wait until what came of an interaction stands still, and give the newest message of it.

    ``before`` is how often the message had changed whose control was used.
    """
    await asked.until(lambda shown: shown.failed or _stands(_answers(shown, before)), SECONDS)
    assert asked.failed is None, asked.failed
    return _answers(asked, before)[-1]


def _answers(asked: Interaction, before: int) -> list[Message]:
    changed = asked.message is not None and (
        asked.message is not asked.source or len(asked.message.history) > before or asked.message.deleted
    )
    own = [asked.message] if asked.message is not None and changed else []
    # The hint after a first story is no answer to anything.
    return own + [message for message in asked.followups if not message.content.startswith("That was your first")]


def _stands(messages: Sequence[Message]) -> bool:
    return bool(messages) and not any(message.loading or labels(message) == ["Stop"] for message in messages)


def words_of(message: Message) -> str:
    """Give everything that a message says, as a person reads it."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.get("title") or "", embed.get("description") or ""]
        parts += [f"{item['name']} {item['value']}" for item in embed.get("fields") or []]
        parts.append((embed.get("footer") or {}).get("text") or "")
    return plain("\n".join(part for part in parts if part))


def passage_id(message: Message) -> int:
    """Give the passage that a message shows, by its buttons."""
    ids = [str(button.get("custom_id")).split(":") for row in message.components for button in row["components"]]
    return int(next(parts[2] for parts in ids if parts[1] in ("continue", "retry", "undo", "write")))


def rows(stage: Stage, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Look into the database, beside the bot."""
    connection = sqlite3.connect(stage.config.database_path)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def check_shown_is_stored(stage: Stage, message: Message) -> None:
    """Make sure that a message shows its passage exactly as it is stored, and that the story ends there."""
    [(text, head)] = rows(
        stage, "SELECT text, head_id FROM passages JOIN stories ON stories.id = story_id WHERE passages.id = ?",
        passage_id(message),
    )  # fmt: skip
    assert shown_text(message).endswith(text.strip())
    assert head == passage_id(message)

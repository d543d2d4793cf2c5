"""People who tell a story together in the playground, and what they see of it."""

from __future__ import annotations

from typing import Any

from bot.playground import Channel, Interaction, Message, User
from bot.playground.world import PUBLIC_THREAD
from tests.e2e.acting import rows
from tests.e2e.conftest import Stage
from tests.e2e.person import words_of
from tests.e2e.reading import SECONDS, labels, plain

FIRST = "Nobody has opened that door for years."


async def begun(stage: Stage, user: User, /, channel: Channel | None = None, **options: Any) -> Channel:
    """Begin a story, and give the place where it is told once it has its buttons."""
    asked = await stage.playground.slash(
        user, "together start", {"genre": "horror", "prompt": FIRST, **options}, channel=channel
    )
    await asked.until(lambda shown: shown.failed or (shown.message and not shown.message.loading), SECONDS)
    assert asked.failed is None
    place: Channel = await stage.playground.until(lambda: _place(stage, asked, channel), SECONDS)
    return place


def _place(stage: Stage, asked: Interaction, channel: Channel | None) -> Channel | None:
    threads = [one for one in stage.playground.world.channels.values() if one.kind == PUBLIC_THREAD]
    own = next((thread for thread in threads if asked.message is not None and thread.id == asked.message.id), None)
    place = own or channel or stage.playground.channel
    return place if controls(stage, place) is not None else None


def controls(stage: Stage, place: Channel) -> Message | None:
    """Give the message with the buttons of the story; None while the bot writes, and at the end."""
    found = [message for message in stage.playground.messages(place) if "Join" in labels(message)]
    return found[-1] if found else None


async def says(stage: Stage, place: Channel, *words: str) -> Message:
    """Wait until the controls say all of these words, and give them."""

    def look() -> Message | None:
        message = controls(stage, place)
        return message if message is not None and all(word in message.content for word in words) else None

    try:
        found: Message = await stage.playground.until(look, SECONDS)
    except TimeoutError:
        shown = [words_of(message) for message in stage.playground.messages(place)]
        raise AssertionError(f"nothing says {words}: {shown}") from None
    return found


def turn_of(user: User) -> str:
    """Give what says that it is somebody's turn."""
    return f"<@{user.id}>, it is your turn"


async def pressed(stage: Stage, user: User, place: Channel, label: str) -> Interaction:
    """Press a button of the story and wait until the bot has heard of it."""
    message = controls(stage, place)
    assert message is not None
    asked = await stage.playground.press(user, message, next(name for name in labels(message) if label in name))
    await asked.acknowledged()
    return asked


async def form(stage: Stage, user: User, place: Channel) -> Interaction:
    """Open the form for the next passage."""
    asked = await pressed(stage, user, place, "Write")
    await asked.until(lambda shown: shown.modal or shown.followups or shown.message or shown.failed, SECONDS)
    assert asked.modal is not None, [words_of(message) for message in (asked.message, *asked.followups) if message]
    return asked


async def wrote(stage: Stage, user: User, place: Channel, text: str) -> None:
    """Write the next passage, and wait until it is there for all to read."""
    sent = await stage.playground.submit(user, await form(stage, user, place), {"Your words": text})
    await stage.playground.until(lambda: sent.failed or sent.message or text in passages(stage, place), SECONDS)
    assert sent.message is None, words_of(sent.message)


async def told_to(stage: Stage, asked: Interaction) -> str:
    """Give what somebody is told for their eyes only."""

    def look() -> Message | None:
        own = [message for message in (asked.message, *asked.followups) if message is not None and message.ephemeral]
        return own[-1] if own and not own[-1].loading else None

    await stage.playground.until(lambda: look() or asked.failed, SECONDS)
    found = look()
    assert found is not None, asked.failed
    return words_of(found)


def passages(stage: Stage, place: Channel) -> list[str]:
    """Give the passages that stand in the place, as they are read from top to bottom."""
    return [
        plain(message.embeds[0]["description"])
        for message in stage.playground.messages(place)
        if message.embeds and "assage" in message.embeds[0].get("footer", {}).get("text", "")
    ]


def stored(stage: Stage, what: str) -> list[tuple[Any, ...]]:
    """Give columns of the one circle that the database has."""
    return rows(stage, f"SELECT {what} FROM circles")  # noqa: S608 - a test's own words


async def the_end(stage: Stage, place: Channel) -> Message:
    """Wait until the whole story is posted, and give the last message of it."""

    def look() -> Message | None:
        found = [message for message in stage.playground.messages(place) if "Export" in labels(message)]
        return found[-1] if found else None

    try:
        found: Message = await stage.playground.until(look, SECONDS)
    except TimeoutError:
        shown = [words_of(message) for message in stage.playground.messages(place)]
        raise AssertionError(f"the story has not ended: {shown}") from None
    return found

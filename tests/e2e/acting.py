"""What people do in tests of stories: ask for one, press, fill in; and what the database has of it then."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from bot.playground import Playground
from bot.playground.client.pressing import FieldValue, buttons_of
from bot.playground.interactions import Interaction
from bot.playground.world import Channel, JsonObject, Message, User
from tests.e2e.conftest import Stage
from tests.e2e.reading import SECONDS, finished, is_finished, labels

PROMPT = "Batman is hunting down"


def rows(stage: Stage, query: str) -> list[tuple[Any, ...]]:
    """Give what the database has."""
    connection = sqlite3.connect(stage.config.database_path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def changed_in(stage: Stage, statement: str) -> None:
    """Change what the database has behind the bot's back, such as times."""
    with closing(sqlite3.connect(stage.config.database_path, timeout=10)) as connection, connection:
        connection.execute(statement)


async def told(stage: Stage, *, channel: Channel | None = None, **options: Any) -> Message:
    """Let Ada ask for a story and give the message that shows it at its end; what is empty is left out."""
    asked = {name: value for name, value in {"genre": "horror", "prompt": PROMPT, **options}.items() if value != ""}
    return await finished(await stage.playground.slash(stage.ada, "story", asked, channel=channel))


async def changed(stage: Stage, user: User, message: Message, what: str) -> Message:
    """Press a button and wait until the message has changed and shows a passage at rest."""
    before = len(message.history)
    pressed = await stage.playground.press(user, message, what)
    await pressed.until(
        lambda shown: shown.failed or (len(message.history) > before and "Stop" not in labels(message)), SECONDS
    )
    assert pressed.failed is None
    return message


async def posted(pressed: Interaction) -> Message:
    """Wait until what was pressed has posted a passage of its own, and give that message."""
    await pressed.until(lambda shown: any(is_finished(message) for message in shown.followups), SECONDS)
    (message,) = pressed.followups
    return message


async def opened(stage: Stage, user: User, message: Message, *presses: str) -> Interaction:
    """Press until a form is open; what comes before the last press only changes the message."""
    for press in presses[:-1]:
        await changed(stage, user, message, press)
    asked = await stage.playground.press(user, message, presses[-1])
    await asked.until(lambda shown: shown.modal or shown.failed)
    assert asked.modal is not None
    return asked


async def filled_in(
    stage: Stage, user: User, message: Message, *presses: str, fields: Mapping[str, FieldValue]
) -> Interaction:
    """Open a form and send it."""
    asked = await opened(stage, user, message, *presses)
    return await stage.playground.submit(user, asked, fields)


async def press_forged(playground: Playground, user: User, message: Message, custom_id: str) -> Interaction:
    """Press a button that the bot has not put there."""
    real = message.components
    message.components = [{"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": custom_id}]}]
    try:
        return await playground.press(user, message, custom_id)
    finally:
        message.components = real


def button(message: Message, label: str) -> JsonObject:
    """Give a button by its label."""
    return next(item for item in buttons_of(message) if item.get("label") == label)


def in_rows(message: Message) -> list[list[str]]:
    """Give the labels row by row."""
    return [[item.get("label", "") for item in row["components"]] for row in message.components]

"""Help that leads to what there is, and the state of the queue."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

from bot.cogs.help import help_card as help_card_of
from bot.cogs.help_topics import HEADINGS, Topic, help_text
from bot.controls.button import _LOOKS
from bot.playground.interactions import Interaction
from bot.playground.world import Message
from bot.storytelling.openings import openings
from storygen.genre import ORIGINAL_GENRES, Genre
from tests.e2e.conftest import Stage
from tests.e2e.reading import finished, labels, shown_text

ROOT = Path(__file__).parents[2]
COMMAND = re.compile(r"`/([a-z]+(?: [a-z]+)*)")


async def help_card(stage: Stage, **options: Any) -> Message:
    asked = await stage.playground.slash(stage.ada, "help", options)
    await asked.until(lambda shown: shown.failed or shown.message)
    assert asked.message is not None
    return asked.message


async def said(stage: Stage, command: str) -> str:
    asked = await stage.playground.slash(stage.ada, command)
    await asked.until(lambda shown: shown.failed or shown.message)
    assert asked.message is not None
    assert asked.message not in stage.playground.messages(viewer=stage.bob)
    return asked.message.content


def command_names(commands: list[dict[str, Any]], before: str = "") -> set[str]:
    """Give the names of all commands and subcommands that can be typed; a group alone can't."""
    found: set[str] = set()
    for command in commands:
        name = f"{before}{command['name']}"
        parts = [part for part in command.get("options", []) if part["type"] in {1, 2}]
        found |= command_names(parts, f"{name} ") or {name}
    return found


def _is_titled(message: Message, title: str) -> bool:
    return bool(message.embeds[0]["title"] == title)


async def test_help_begins_with_how_to_begin_and_turns_to_every_topic(stage: Stage) -> None:
    async with stage.bot():
        message = await help_card(stage)
        assert "/story genre:Superhero" in shown_text(message)
        for topic, heading in HEADINGS.items():
            await stage.playground.select(stage.ada, message, "Read about something else", [topic.value])
            await stage.playground.until(partial(_is_titled, message, heading.label))
            assert shown_text(await help_card(stage, topic=topic.value)) or topic is Topic.SURPRISE


async def test_the_list_of_topics_works_after_a_restart(stage: Stage) -> None:
    async with stage.bot():
        message = await help_card(stage, topic="privacy")
    async with stage.bot():
        await stage.playground.select(stage.ada, message, "Read about something else", ["options"])
        await stage.playground.until(lambda: "repetition_penalty" in shown_text(message))


async def test_every_command_that_anything_names_is_there(stage: Stage) -> None:
    async with stage.bot():
        names = command_names(stage.playground.commands)
    groups = {name.split()[0] for name in names}
    texts = {topic.value: help_text(topic, ORIGINAL_GENRES) for topic in Topic}
    files = [
        *(file for file in (ROOT / "bot").rglob("*.py") if "monitoring" not in file.parts),  # it names web addresses
        ROOT / "README.md",
        *(ROOT / "docs" / name for name in ("privacy.md", "export.md", "servers.md")),
    ]
    texts |= {str(file): file.read_text(encoding="utf-8") for file in files}
    named = {(place, typed) for place, text in texts.items() for typed in COMMAND.findall(text)}
    missing = {
        f"{place}: /{typed}"
        for place, typed in named
        if "playground" not in place
        and typed not in groups
        and not any(f"{typed} ".startswith(f"{name} ") for name in names)
    }
    assert missing == set()


async def test_help_names_every_command_or_the_group_that_it_is_in(stage: Stage) -> None:
    async with stage.bot():
        groups = {name.split()[0] for name in command_names(stage.playground.commands) if name.islower()}  # no menus
    told = " ".join(help_text(topic, ORIGINAL_GENRES) for topic in Topic)
    assert groups - {name.split()[0] for name in COMMAND.findall(told)} == {"help"}


def test_every_button_that_help_names_is_there() -> None:
    named = set(re.findall(r"\*\*(\w[^*]*)\*\*", help_text(Topic.CONTROLS, ORIGINAL_GENRES)))
    assert named - {label for label, _, _ in _LOOKS.values()} == set()
    assert len(named) > 10


async def test_surprise_me_gives_a_first_sentence_for_every_genre(stage: Stage) -> None:
    async with stage.bot():
        shown = (await help_card(stage, topic="surprise")).embeds[0]["description"]
    for genre in ORIGINAL_GENRES:
        assert any(f"**{genre.label}**: {opening}" in shown for opening in openings(genre.name))


def test_a_topic_that_is_none_begins_at_the_beginning() -> None:
    assert help_card_of("burn", ORIGINAL_GENRES).title == HEADINGS[Topic.BEGIN].label


def test_help_fits_into_a_card_whatever_genres_the_model_has() -> None:
    many = [Genre(f"genre_{number}", f"Genre number {number}") for number in range(200)]
    for topic in Topic:
        assert 0 < len(help_text(topic, many)) <= 4096
        assert "{" not in help_text(topic, many)


async def test_the_queue_tells_where_ones_own_stories_stand(stage: Stage, slow_checkpoint: Path) -> None:
    async with stage.bot(story_model=str(slow_checkpoint), story_rows=1):
        assert "Nothing of yours is waiting" in await said(stage, "queue")
        options: dict[str, Any] = {"genre": "drama", "max_length": 800}
        first = await stage.playground.slash(stage.ada, "story", {**options, "title": "The _first_ one"})
        await first.until(lambda shown: shown.message and "▌" in shown_text(shown.message), 30)
        second = await stage.playground.slash(stage.ada, "story", {**options, "title": "The other"})
        await second.until(lambda shown: shown.message and "Stop" in labels(shown.message), 30)
        told = await said(stage, "queue")
        assert "**The \\_first\\_ one**: being written now." in told
        assert "**The other**: number 1 in the queue" in told
        assert "ready: 1 being written, 1 waiting" in told
        await _stop(stage, first, second)


async def _stop(stage: Stage, *asked: Interaction) -> None:
    for one in asked:
        assert one.message is not None
        await stage.playground.press(stage.ada, one.message, "Stop")
    for one in asked:
        await one.until(lambda shown: shown.message and "Stop" not in labels(shown.message), 30)


async def test_the_first_story_of_a_person_brings_a_short_private_hint(stage: Stage) -> None:
    async with stage.bot():
        first = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "max_length": 30})
        await finished(first)
        await first.until(lambda shown: shown.followups)
        hint = first.followups[0]
        assert "`/help`" in hint.content
        assert hint not in stage.playground.messages(viewer=stage.bob)

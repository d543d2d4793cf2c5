"""Two people press whatever they see, for a while: all gets an answer, nothing breaks, the data stays sound."""

from __future__ import annotations

import logging
import os
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.playground import Message, User
from bot.playground.client.pressing import buttons_of, fields_of, selects_of
from bot.playground.rules.component_rules import CHECKBOX, RADIO_GROUP, TEXT_INPUT
from storygen.errors import EngineFailed
from storygen.generation import Generation
from storygen.story import StoryRequest
from tests.e2e.conftest import Stage
from tests.e2e.person import Person, TalkingEngine, passage_id, rows, settled, talking_bot, words_of
from tests.e2e.reading import is_finished, shown_text
from tests.e2e.test_person_strangers import check_the_data_is_sound

STEPS = int(os.environ.get("MONKEY_STEPS", "90"))
SEEDS = int(os.environ.get("MONKEY_SEEDS", "3"))
WORDS = ("", "The door.", "<BOS> <horror>", "**bold** @everyone", "😀" * 30, "y" * 1600, "Then\n\nit rained. " * 20)
COMMANDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("story", {"genre": "horror", "prompt": "It began."}),
    ("story", {"genre": "drama", "title": "A title", "private": True}),
    ("continue", {"story": "It"}),
    ("stories list", {}),
    ("stories random", {"from": "server"}),
    ("stories top", {"time": "ever"}),
    ("stories open", {"story": "It"}),
    ("stories read", {"story": "A"}),
    ("help", {}),
    ("explore", {"genre": "horror", "prompt": "It began"}),
)


@dataclass(slots=True)
class MoodyEngine(TalkingEngine):
    """Fails now and then, and now and then finds no words."""

    chance: random.Random = field(default_factory=random.Random)

    def submit(self, request: StoryRequest) -> Generation:
        mood = self.chance.random()
        if mood < 0.05:
            self.script = [*([""] * len(self.generations)), EngineFailed("it stumbled")]
        elif mood < 0.1:
            self.script = [*([""] * len(self.generations)), ""]
        else:
            self.script = []
        return TalkingEngine.submit(self, request)


class Monkey:
    """One who uses what is on the screen, as chance has it."""

    def __init__(self, stage: Stage, chance: random.Random) -> None:
        self._stage = stage
        self._chance = chance
        self._people = [Person(stage.playground, stage.ada), Person(stage.playground, stage.bob)]
        self.did: list[str] = []

    async def do_something(self) -> None:
        person = self._chance.choice(self._people)
        messages = [one for one in self._stage.playground.messages(viewer=person.user) if one.components]
        if not messages or self._chance.random() < 0.2:
            name, options = self._chance.choice(COMMANDS)
            self.did.append(f"{person.user.name}: /{name}")
            said = await settled(await person.ask(name, **options))
        else:
            said = await self._use(person, self._chance.choice(messages[-4:]))
        assert "Something broke" not in words_of(said), self.did[-5:]

    async def _use(self, person: Person, message: Message) -> Message:
        playground, user, history = self._stage.playground, person.user, len(message.history)
        buttons = [one for one in buttons_of(message) if not one.get("disabled")]
        selects = selects_of(message)
        if selects and self._chance.random() < 0.5:
            select = self._chance.choice(selects)
            value = self._chance.choice(select["options"])["value"]
            self.did.append(f"{user.name}: {select['custom_id']} {value}")
            return await settled(await playground.select(user, message, select["custom_id"], [value]), history)
        if not buttons:
            return message
        control = self._chance.choice(buttons)["custom_id"]
        self.did.append(f"{user.name}: {control}")
        asked = await playground.press(user, message, control)
        await asked.until(lambda shown: shown.failed or shown.modal or shown.acknowledged_after is not None, 20)
        if asked.modal is not None:
            asked = await playground.submit(user, asked, self._filled(asked.modal))
        return await settled(asked, history)

    def _filled(self, modal: dict[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for _, item in fields_of(modal):
            if item["type"] == TEXT_INPUT:
                longest = item.get("max_length") or 4000
                text = self._chance.choice(WORDS)[:longest]
                fields[item["custom_id"]] = text or ("x" if item.get("required", True) else "")
            elif item["type"] != CHECKBOX and item.get("options"):
                fields[item["custom_id"]] = [self._chance.choice(item["options"])["value"]]
                if item["type"] == RADIO_GROUP:
                    fields[item["custom_id"]] = fields[item["custom_id"]][0]
        return fields


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_two_people_press_gets_an_answer_and_leaves_sound_data(
    stage: Stage, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    monkey = Monkey(stage, random.Random(seed))  # noqa: S311 - no secret
    engine = MoodyEngine(chance=random.Random(seed + 1000))  # noqa: S311 - likewise
    for _ in range(2):  # with a restart in the middle
        async with talking_bot(stage, engine, stories_per_user=9):
            for _ in range(STEPS // 2):
                await monkey.do_something()
    check_the_data_is_sound(stage)
    assert rows(stage, "SELECT id FROM passages WHERE text LIKE '%<BOS>%' OR text LIKE '%<horror>%'") == []
    for person in (stage.ada, stage.bob):
        check_every_story_is_shown_as_it_is_stored(stage, person)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def check_every_story_is_shown_as_it_is_stored(stage: Stage, person: User) -> None:
    """Look at the newest message of every story whose end is on the screen."""
    heads = dict(rows(stage, "SELECT head_id, text FROM stories JOIN passages ON passages.id = head_id"))
    for message in stage.playground.messages(viewer=person):
        if is_finished(message) and passage_id(message) in heads:
            text = " ".join(heads[passage_id(message)].split())
            assert " ".join(shown_text(message).split()).find(text[:200]) >= 0

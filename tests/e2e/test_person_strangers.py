"""Strangers, two people at one moment, fingers that press twice, old messages: a sentence for each, and sound data."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.app import StoryBot
from bot.playground import Interaction, Message
from bot.playground.client.pressing import buttons_of
from tests.e2e.conftest import Stage
from tests.e2e.person import Person, TalkingEngine, check_shown_is_stored, rows, settled, talking_bot, words_of
from tests.e2e.reading import labels

OWNERS = (
    "Continue", "Retry", "Undo", "Write", "◀", "▶", "Less", "Redo", "Edit", "Rename", "Genre", "Memory", "Share",
    "Delete",
)  # fmt: skip
READERS = ("Branch", "♥ 0", "Copy settings", "Export", "Report")
"""What anybody may press who sees a story that is not private."""
FORMS: Mapping[str, dict[str, Any]] = {
    "Write": {"text": "Words."},
    "Edit": {"text": "Other words."},
    "Rename": {"text": "Another title"},
    "Genre": {"genre": ["drama"]},
    "Memory": {"text": "A fact."},
    "Report": {"text": "A reason."},
}


@pytest.fixture
def engine() -> TalkingEngine:
    return TalkingEngine()


@pytest.fixture
async def bot(stage: Stage, engine: TalkingEngine) -> AsyncIterator[StoryBot]:
    async with talking_bot(stage, engine, stories_per_user=9) as bot:
        yield bot


@pytest.fixture
def ada(stage: Stage, bot: StoryBot) -> Person:
    assert not bot.is_closed()
    return Person(stage.playground, stage.ada)


@pytest.fixture
def bob(stage: Stage) -> Person:
    return Person(stage.playground, stage.bob)


async def story_with_everything(ada: Person) -> Message:
    """Give a message with every button that there is: a passage with versions in the middle of a story."""
    message = await ada.use("story", genre="horror", prompt="The lantern burned low.", title="Lantern")
    message = await ada.press(message, "Continue")
    for _ in range(2):
        await ada.press(message, "Retry")
    await ada.press(message, "◀")
    below = await ada.press(message, "Continue")
    await ada.press(below, "Undo")
    message = below
    await ada.press(message, "More")
    enabled = {label for label in labels(message) if not _disabled(message, label)}
    assert set(OWNERS) | set(READERS) <= enabled
    return message


def _disabled(message: Message, label: str) -> bool:
    return next(bool(one.get("disabled")) for one in buttons_of(message) if one.get("label") == label)


def everything(stage: Stage) -> list[Any]:
    """Give all that the database holds about stories."""
    tables = ("stories", "passages", "hearts", "reports", "shares")
    return [rows(stage, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]  # noqa: S608 - names from above


def check_the_data_is_sound(stage: Stage) -> None:
    """Make sure that every tree hangs together and nothing waits for ever."""
    assert rows(stage, "SELECT id FROM passages WHERE state = 'waiting'") == []
    strays = """SELECT child.id FROM passages AS child LEFT JOIN passages AS parent ON parent.id = child.parent_id
        WHERE child.parent_id IS NOT NULL AND (parent.id IS NULL OR parent.story_id != child.story_id)"""
    assert rows(stage, strays) == []
    heads = """SELECT stories.id FROM stories LEFT JOIN passages ON passages.id = head_id
        WHERE head_id IS NOT NULL AND (passages.id IS NULL OR story_id != stories.id OR text = '')"""
    assert rows(stage, heads) == []
    assert rows(stage, "PRAGMA foreign_key_check") == []


@pytest.mark.parametrize("what", OWNERS)
async def test_a_stranger_gets_a_sentence_and_a_branch_and_changes_nothing(
    stage: Stage, ada: Person, bob: Person, what: str
) -> None:
    message = await story_with_everything(ada)
    shown, before = words_of(message), everything(stage)
    answer = await bob.press(message, what)
    assert "somebody else's story" in answer.content
    assert answer.ephemeral
    assert labels(answer) == ["Branch", "Report"]
    assert (words_of(message), everything(stage)) == (shown, before)
    branched = await bob.press(answer, "Branch")
    check_shown_is_stored(stage, branched)
    assert rows(stage, "SELECT owner_id FROM stories ORDER BY id DESC LIMIT 1") == [(stage.bob.id,)]
    assert rows(stage, "SELECT * FROM stories WHERE id = 1") == before[0]
    check_the_data_is_sound(stage)


async def test_what_readers_may_do_leaves_the_story_as_it_is(stage: Stage, ada: Person, bob: Person) -> None:
    message = await story_with_everything(ada)
    before = everything(stage)
    for what in ("♥ 0", "Copy settings", "Export", "Branch"):
        await bob.press(message, what)
    await bob.fill(message, "Report", FORMS["Report"])
    after = everything(stage)
    assert after[0][0] == before[0][0]
    assert after[1][: len(before[1])] == before[1]
    check_the_data_is_sound(stage)


async def test_after_a_restart_a_stranger_is_refused_and_the_owner_is_not(stage: Stage, engine: TalkingEngine) -> None:
    ada, bob = Person(stage.playground, stage.ada), Person(stage.playground, stage.bob)
    async with talking_bot(stage, engine):
        message = await story_with_everything(ada)
    async with talking_bot(stage, engine):
        for what in OWNERS:
            assert "somebody else's story" in (await bob.press(message, what)).content
        check_shown_is_stored(stage, await ada.press(message, "Retry"))


@pytest.mark.parametrize("what", [*OWNERS, *READERS])
async def test_two_people_press_the_same_button_at_the_same_moment(
    stage: Stage, ada: Person, bob: Person, what: str
) -> None:
    message = await story_with_everything(ada)
    history = len(message.history)
    both = await asyncio.gather(*(stage.playground.press(one.user, message, what) for one in (bob, ada)))
    for asked in both:
        await asked.until(lambda shown: shown.failed or shown.modal or _told(shown, history), 20)
        assert asked.failed is None
    await asyncio.gather(*(settled(asked, history) for asked in both if asked.modal is None))
    if what in OWNERS:
        assert any("somebody else's story" in words_of(one) for one in _all_answers(both[0]))
    check_the_data_is_sound(stage)
    if "Continue" in labels(message):
        check_shown_is_stored_somewhere(stage, message)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Continue", "Continue"), ("Retry", "Retry"), ("Continue", "Undo"), ("Undo", "Undo"), ("Undo", "Redo"),
        ("Retry", "Delete"), ("◀", "▶"), ("Branch", "Branch"), ("Share", "Share"), ("Retry", "Branch"),
    ],
)  # fmt: skip
async def test_a_finger_presses_twice(stage: Stage, ada: Person, first: str, second: str) -> None:
    message = await story_with_everything(ada)
    history = len(message.history)
    both = [await stage.playground.press(ada.user, message, what) for what in (first, second)]
    for asked in both:
        await asked.until(lambda shown: shown.failed or _told(shown, history), 20)
        assert asked.failed is None
        await settled(asked, history)
    await stage.playground.until(lambda: not rows(stage, "SELECT id FROM passages WHERE state = 'waiting'"))
    check_the_data_is_sound(stage)


async def test_stories_of_many_people_at_the_same_moment_do_not_mix(stage: Stage, ada: Person) -> None:
    people = [Person(stage.playground, stage.playground.add_user(f"Reader {number}")) for number in range(12)]
    begun = await asyncio.gather(
        *(one.use("story", genre="horror", prompt=f"{one.user.name} began.") for one in people)
    )
    further = await asyncio.gather(
        *(one.press(message, "Continue") for one, message in zip(people, begun, strict=True))
    )
    for one, message in zip(people, further, strict=True):
        check_shown_is_stored(stage, message)
        assert words_of(await one.use("stories read", story=one.user.name)).startswith(f"{one.user.name} began.")
    await asyncio.gather(*(ada.press(message, "Branch") for message in further))
    assert rows(stage, "SELECT count(*) FROM stories WHERE owner_id = ?", stage.ada.id) == [(12,)]
    check_the_data_is_sound(stage)


async def test_every_control_of_a_deleted_story_gets_a_sentence(stage: Stage, ada: Person, bob: Person) -> None:
    message = await story_with_everything(ada)
    opened = await stage.playground.press(stage.ada, message, "Edit")
    await opened.acknowledged()
    await ada.press(await ada.use("stories delete", story="1"), "Delete for good")
    for what in (*OWNERS, *READERS):
        for person in (ada, bob):
            history = len(message.history)
            asked = await stage.playground.press(person.user, message, what)
            await asked.until(lambda shown: shown.failed or shown.modal or _told(shown, history), 20)  # noqa: B023
            if asked.modal is not None:  # the form of a report looks nothing up
                asked = await stage.playground.submit(person.user, asked, FORMS[what])
            said = words_of(await settled(asked, history))
            assert "no longer there" in said or "no such story" in said, (what, person.user.name, said)
    late = await stage.playground.submit(stage.ada, opened, FORMS["Edit"])
    assert "no longer there" in words_of(await settled(late, len(message.history)))
    assert rows(stage, "SELECT count(*) FROM passages") == [(0,)]
    check_the_data_is_sound(stage)


def _all_answers(asked: Interaction) -> list[Message]:
    return [one for one in (asked.message, *asked.followups) if one is not None]


def _told(asked: Interaction, history: int) -> bool:
    changed = asked.message is not None and (asked.message is not asked.source or len(asked.message.history) > history)
    return bool(asked.followups) or changed


def check_shown_is_stored_somewhere(stage: Stage, message: Message) -> None:
    """Make sure that a message shows a passage as it is stored, also where the story has moved on from it."""
    texts = [text.strip() for (text,) in rows(stage, "SELECT text FROM passages")]
    assert any(words_of(message).find(text) >= 0 for text in texts)

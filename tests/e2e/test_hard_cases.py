"""What people and networks do that nobody hopes for: double presses, forged ids, odd texts, lost connections."""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path
from typing import Any

import pytest

from bot.playground.client.pressing import buttons_of
from bot.playground.clock import ManualClock
from bot.playground.interactions import Interaction
from bot.playground.world import Message
from tests.e2e.acting import press_forged, rows
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, finished, is_finished, labels, shown_text

EDITS = "/messages/@original"


async def tell(stage: Stage, **options: Any) -> Message:
    return await finished(await stage.playground.slash(stage.ada, "story", {"genre": "horror", **options}))


async def begun(stage: Stage, **options: Any) -> Interaction:
    """Ask for a long story and wait until its first words are shown."""
    asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "max_length": 800, **options})
    await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message), 30)
    return asked


def stored_text(stage: Stage) -> str:
    return "".join(text for (text,) in rows(stage, "SELECT text FROM passages ORDER BY id"))


@pytest.mark.parametrize("button", ["Continue", "Retry"])
async def test_a_button_pressed_twice_writes_once(stage: Stage, slow_checkpoint: Path, button: str) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        message = await tell(stage, max_length=30)
        presses = [await stage.playground.press(stage.ada, message, button) for _ in range(2)]

        def answers() -> list[Message]:
            return [answer for pressed in presses for answer in pressed.followups]

        await stage.playground.until(lambda: any(answer.content for answer in answers()))
        (refused,) = (answer.content for answer in answers() if answer.content)
        assert refused == "This passage is still being written. Wait for its end, or press Stop."
        await stage.playground.until(
            lambda: all(is_finished(shown) for shown in (message, *answers()) if not shown.content), 30
        )
        await stage.playground.until(
            lambda: all(state == "done" for (state,) in rows(stage, "SELECT state FROM passages")), 30
        )
    assert rows(stage, "SELECT count(*) FROM passages WHERE author = 'model'") == [(2,)]


@pytest.mark.parametrize(
    "custom_id",
    ["story:page:999:9999", "story:foo:1", "story:continue:99999999999999999999999", "story:retry:0", "story:stop:77",
     "story:delete:77", "story:page:77:999999", "story:page:77", "story:", "story:UNDO:1", "story:undo:x",
     "story:undo:0", "story:version:1:99999999999999999999999999999", "story:heart:99999999999999999999999",
     "story:edit:77", "story:more:77", "story:write:99999999999999999999999999999999999", "story:delete_here:77",
     "story:share:77", "story:place:77"],
)  # fmt: skip
async def test_a_forged_button_gets_a_private_sentence(stage: Stage, custom_id: str) -> None:
    async with stage.bot():
        message = await tell(stage)
        pressed = await press_forged(stage.playground, stage.bob, message, custom_id)
        sentence = await answered(pressed)
        assert "Something broke" not in sentence
        answer = pressed.message or pressed.followups[0]
        if answer is message:
            answer = pressed.followups[0]
        assert answer not in stage.playground.messages(viewer=stage.ada)
    assert rows(stage, "SELECT count(*) FROM passages") == [(2,)]


@pytest.mark.parametrize("press", ["delete:1", "stop:1", "page:1:0", "page:1:7", "continue:1", "retry:1"])
async def test_a_stranger_reaches_nothing_of_a_private_story(stage: Stage, press: str) -> None:
    async with stage.bot():
        await tell(stage, private=True)
        public = await finished(await stage.playground.slash(stage.bob, "story", {"genre": "horror"}))
        pressed = await press_forged(stage.playground, stage.bob, public, f"story:{press}")
        assert "somebody else's story" in await answered(pressed)
    assert rows(stage, "SELECT count(*) FROM stories") == [(2,)]


@pytest.mark.parametrize(
    "options",
    [
        {"genre": 5},
        {"genre": "horror", "prompt": 5},
        {"genre": "horror", "max_length": 40.5},
        {"genre": "horror", "top_k": True},
        {"genre": "horror", "private": "yes"},
        {"genre": "horror", "do_sample": "no"},
        {"genre": "horror", "unheard_of": "x"},
        {"prompt": "no genre"},
    ],
    ids=str,
)
async def test_a_value_of_the_wrong_type_gets_a_sentence(stage: Stage, options: dict[str, Any]) -> None:
    async with stage.bot():
        asked = await stage.playground.slash(stage.ada, "story", options, unchecked=True)
        await asked.until(
            lambda shown: shown.failed or (shown.message and (shown.message.content or is_finished(shown.message)))
        )
        assert asked.failed is None
        assert asked.message is not None
        assert asked.message.content or is_finished(asked.message)


@pytest.mark.parametrize(
    "prompt",
    [
        "**bold** __under__ `code` ||spoil|| ~~gone~~ \\back\\",
        "@everyone <@123456789012345678> <#1> </story:1> <https://example.org/a_b>",
        "- one\n- two\n\n - three\n1. four\n> five\n>>> six\n# seven\n-# eight",
        "[**x**](http://example.org) http://example.org/a_b_c*d*",
        "Supercalifragilistic" * 70,
        "\u05d4\u05d1\u05dc\u05e9: \u200f\u05e9\u05dc\u05d5\u05dd\u200e \u05e2\u05d5\u05dc\u05dd",
        "zero\u200bwidth\u200dand\u2060more\ufeff",
        "\n" * 1499 + "x",
        "!?.,;:-\u2013\u2014…\"'()[]{}",
        "*" * 1500,
        "```py\nprint(1)\n```",
    ],
    ids=["marks", "mentions", "lines", "links", "one word", "right to left", "zero width", "newlines", "punctuation",
         "stars", "block"],
)  # fmt: skip
async def test_what_is_shown_is_what_is_stored(stage: Stage, prompt: str) -> None:
    async with stage.bot():
        shown = shown_text(await tell(stage, prompt=prompt))
        asked = await stage.playground.slash(stage.ada, "stories read", {"story": "1"})
        await asked.until(lambda reading: reading.message)
        assert asked.message is not None
        assert shown_text(asked.message) == shown
    assert shown == stored_text(stage)


async def test_a_story_that_is_deleted_while_it_is_written_says_so(stage: Stage, slow_checkpoint: Path) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await begun(stage)
        assert asked.message is not None
        question = await stage.playground.slash(stage.ada, "stories delete", {"story": "1"})
        await question.until(lambda shown: shown.message and labels(shown.message))
        assert question.message is not None
        await stage.playground.press(stage.ada, question.message, "Delete for good")
        assert "perhaps it was deleted" in await answered(asked)
        assert labels(asked.message) == []
    assert rows(stage, "SELECT count(*) FROM passages") == [(0,)]


async def test_stop_pressed_twice_shows_the_end_once_and_no_error(stage: Stage, slow_checkpoint: Path) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await begun(stage)
        message = asked.message
        assert message is not None
        presses = [await press_forged(stage.playground, stage.ada, message, "story:stop:1") for _ in range(2)]
        await finished(asked)
        presses.append(await press_forged(stage.playground, stage.ada, message, "story:stop:1"))
        for pressed in presses:
            await pressed.acknowledged()
            assert pressed.followups == []
    assert shown_text(message) == stored_text(stage)


@pytest.mark.parametrize("status", [0, 500, 502], ids=["broken connection", "500", "502"])
async def test_a_story_comes_to_its_end_over_a_bad_line(stage: Stage, slow_checkpoint: Path, status: int) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await begun(stage, max_length=100)
        stage.playground.trouble(count=2, status=status, part="PATCH /api/v10/webhooks/")
        message = await finished(asked)
        assert asked.followups == []
    assert shown_text(message) == stored_text(stage)


async def test_rate_limits_while_a_story_grows_lose_nothing(stage: Stage, slow_checkpoint: Path) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await begun(stage, max_length=100)
        stage.playground.rate_limit(count=3, retry_after=0.1, part="PATCH")
        message = await finished(asked)
    assert shown_text(message) == stored_text(stage)


@pytest.mark.parametrize("stage", [ManualClock()], indirect=True, ids=["clock by hand"])
async def test_an_answer_that_is_15_minutes_old_can_be_brought_up_to_date(stage: Stage, slow_checkpoint: Path) -> None:
    clock = stage.playground.clock
    assert isinstance(clock, ManualClock)
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await begun(stage, max_length=100)
        message = asked.message
        assert message is not None
        clock.advance(15 * 60)
        await stage.playground.until(lambda: rows(stage, "SELECT 1 FROM passages WHERE state = 'done'"), 30)
        await stage.playground.press(stage.ada, message, "Stop")
        await stage.playground.until(lambda: is_finished(message), 30)
    assert shown_text(message) == stored_text(stage)


@pytest.mark.parametrize("session_lost", [False, True], ids=["resumed", "new session"])
async def test_a_lost_gateway_does_not_disturb_a_story(stage: Stage, slow_checkpoint: Path, session_lost: bool) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await begun(stage, max_length=100)
        await stage.playground.disconnect_bot(session_lost=session_lost)
        message = await finished(asked)
        await stage.playground.bot_ready()
    assert shown_text(message) == stored_text(stage)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_people_press_in_whatever_order_nothing_hangs_and_nothing_is_shown_wrong(
    stage: Stage, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    people = [stage.ada, stage.bob]
    async with stage.bot(edit_seconds=0.01):
        for _ in range(30):
            person = dice.choice(people)
            seen = [message for message in stage.playground.messages(viewer=person) if pressable(message)]
            if not seen or dice.random() < 0.25:
                options: dict[str, Any] = {
                    "genre": "horror",
                    "prompt": dice.choice(["", "x", "- y"]),
                    "private": dice.random() < 0.3,
                }
                await stage.playground.slash(person, "story", options, unchecked=True)
            elif dice.random() < 0.15:
                await stage.playground.slash(person, "stories delete", {"story": str(dice.randint(1, 4))})
            else:
                message = dice.choice(seen)
                await stage.playground.press(person, message, dice.choice(pressable(message)))
            for _ in range(dice.randint(0, 3)):
                await asyncio.sleep(dice.random() / 100)
        await stage.playground.until(lambda: _all_at_rest(stage), 30)
    assert rows(stage, "SELECT count(*) FROM passages WHERE state NOT IN ('done', 'stopped')") == [(0,)]
    assert [asked.failed for asked in stage.playground.interactions if asked.failed] == []
    texts = dict(rows(stage, "SELECT id, text FROM passages"))
    for message in stage.playground.messages():
        for passage_id in set(re.findall(r"story:undo:(\d+)", str(message.components))) & set(map(str, texts)):
            assert shown_text(message).endswith(texts[int(passage_id)].strip())
    assert not any("Something broke" in message.content for message in stage.playground.messages())


def pressable(message: Message) -> list[str]:
    """Give the buttons that Discord's client lets a person press."""
    return [button["custom_id"] for button in buttons_of(message) if not button.get("disabled")]


def _all_at_rest(stage: Stage) -> bool:
    """Say whether every interaction was answered and no message still grows."""
    messages = stage.playground.messages()
    return not any(message.loading or "Stop" in labels(message) for message in messages) and all(
        asked.acknowledged_after is not None for asked in stage.playground.interactions
    )

"""What goes to others, or goes for good: ♥, Share, Copy settings, Delete."""

from __future__ import annotations

import asyncio
import re

from bot.playground.world import Message
from tests.e2e.acting import PROMPT, changed, changed_in, in_rows, posted, press_forged, rows, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, footer, is_finished, labels, shown_text
from tests.fakes.scripted_engine import ScriptedEngine


async def shared(stage: Stage, message: Message) -> Message:
    """Let Ada share the story that this message shows, and give the message that others read."""
    await changed(stage, stage.ada, message, "More")
    pressed = await stage.playground.press(stage.ada, message, "Share")
    await pressed.until(lambda shown: shown.followups and "More" in labels(message))
    (card,) = pressed.followups
    return card


async def test_a_heart_counts_on_its_button_and_is_taken_back_by_a_second_press(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        await changed(stage, stage.bob, message, "♥ 0")
        assert "♥ 1" in labels(message)
        assert rows(stage, "SELECT user_id FROM hearts") == [(stage.bob.id,)]
        await changed(stage, stage.bob, message, "♥ 1")
    assert "♥ 0" in labels(message)
    assert shown_text(message) == f"{PROMPT} a bat."


async def test_a_heart_leaves_the_rows_below_more_where_they_are(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        await changed(stage, stage.ada, message, "More")
        await changed(stage, stage.bob, message, "♥ 0")
    assert in_rows(message)[1] == ["Branch", "♥ 1"]
    assert len(in_rows(message)) == 4


async def test_nobody_gives_a_heart_to_their_own_story(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        pressed = await stage.playground.press(stage.ada, message, "♥ 0")
        assert await answered(pressed) == "This is your own story. A ♥ is for the stories of others."
    assert rows(stage, "SELECT count(*) FROM hearts") == [(0,)]


async def test_of_many_hearts_at_once_the_button_shows_them_all(stage: Stage) -> None:
    readers = [stage.playground.add_user(f"Reader {number}") for number in range(5)]
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        # Discord holds up the edit that has the first count.
        stage.playground.rate_limit(count=1, retry_after=0.3, part="PATCH")
        before = len(message.history)
        await asyncio.gather(*(stage.playground.press(reader, message, "♥ 0") for reader in readers))
        await stage.playground.until(lambda: len(message.history) >= before + len(readers))
    assert "♥ 5" in labels(message)


async def test_a_shared_story_is_a_card_for_readers_with_heart_and_branch(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " It flew."])):
        first = await told(stage)
        message = await posted(await stage.playground.press(stage.ada, first, "Continue"))
        card = await shared(stage, message)
        assert card.content == "Ada shares a story."
        assert shown_text(card) == f"{PROMPT} a bat. It flew."
        assert footer(card) == "AI-generated but for what is bold · Horror"
        assert in_rows(card) == [["♥ 0", "Branch"]]
        await changed(stage, stage.bob, card, "♥ 0")
        copy = await posted(await stage.playground.press(stage.bob, card, "Branch"))
        assert shown_text(copy) == " It flew.".lstrip()
    assert rows(stage, "SELECT message_id, user_id FROM shares") == [(card.id, stage.ada.id)]


async def test_a_private_story_that_is_shared_is_private_no_longer(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage, private=True)
        card = await shared(stage, message)
        assert card in stage.playground.messages(viewer=stage.bob)
        assert message not in stage.playground.messages(viewer=stage.bob)
        assert "♥ 0" in labels(message)
    assert rows(stage, "SELECT private FROM stories") == [(0,)]


async def test_what_is_written_on_in_private_after_sharing_is_not_for_others(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " It flew."])):
        message = await told(stage, private=True)
        changed_in(stage, "UPDATE passages SET finished_at = finished_at - 20")  # times are whole seconds
        await shared(stage, message)
        changed_in(stage, "UPDATE shares SET created_at = created_at - 10")
        await posted(await stage.playground.press(stage.ada, message, "Continue"))
        for reader, text in ((stage.bob, f"{PROMPT} a bat."), (stage.ada, f"{PROMPT} a bat. It flew.")):
            reading = await stage.playground.slash(reader, "stories random", {"from": "server"})
            await reading.until(lambda shown: shown.message and shown.message.embeds)
            assert reading.message is not None
            assert shown_text(reading.message) == text


async def test_of_a_long_story_the_card_has_the_beginning_and_read_on_opens_all_of_it(stage: Stage) -> None:
    words = [" ".join(f"w{passage}x{number}" for number in range(650)) + "." for passage in range(3)]
    async with stage.bot(ScriptedEngine([f" {text}" for text in words])):
        message = await told(stage)
        for _ in words[1:]:
            message = await posted(await stage.playground.press(stage.ada, message, "Continue"))
        card = await shared(stage, message)
        assert labels(card) == ["Read on", "♥ 0", "Branch"]
        assert footer(card).endswith(" · there is more of it")
        assert "w0x649." in shown_text(card)
        assert "w2x649." not in shown_text(card)
        reading = await stage.playground.press(stage.bob, card, "Read on")
        await reading.until(lambda shown: shown.message and "▶" in labels(shown.message))
        assert reading.message not in stage.playground.messages(viewer=stage.ada)


async def test_the_copied_line_tells_the_same_story_again(stage: Stage) -> None:
    async with stage.bot():
        message = await told(stage, temperature=0.8, max_length=40, seed=7)
        await changed(stage, stage.ada, message, "More")
        line = await answered(await stage.playground.press(stage.ada, message, "Copy settings"))
        assert line.startswith("Paste this to have it written again, or change a part of it first.\n```\n/story ")
        again = await stage.playground.slash(stage.bob, "story", _options(line))
        await again.until(lambda shown: is_finished(shown.message), 30)
        assert again.message is not None
    assert shown_text(again.message) == shown_text(message)


def _options(line: str) -> dict[str, str | float | bool]:
    """Take a `/story` line apart as Discord's client does."""
    (command,) = re.findall(r"^/story (.*)$", line, re.MULTILINE)
    parts = dict(re.findall(r"(\w+):(.*?)(?= \w+:|$)", command))
    numbers = {name: float(value) if "." in value else int(value) for name, value in parts.items() if _is_number(value)}
    return {**parts, **numbers, "do_sample": parts["do_sample"] == "True"}


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[0-9.]+", value) is not None


async def test_of_a_later_passage_the_copied_line_says_that_it_begins_anew(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " It flew."])):
        first = await told(stage, prompt="```\nsh```", title="Wings", private=True)
        message = await posted(await stage.playground.press(stage.ada, first, "Continue"))
        await changed(stage, stage.ada, message, "More")
        line = await answered(await stage.playground.press(stage.ada, message, "Copy settings"))
    assert line.startswith("Paste this to begin a story with the same options; ")
    assert "prompt:''' sh''' title:Wings max_length:320 " in line
    assert line.endswith(" private:True\n```")


async def test_delete_asks_once_on_the_message_itself(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        await changed(stage, stage.ada, message, "More")
        await changed(stage, stage.ada, message, "Delete")
        assert message.content.endswith("with all its passages? It can't be undone.")
        assert labels(message) == ["Delete for good", "Keep it"]
        await changed(stage, stage.ada, message, "Keep it")
        assert (message.content, is_finished(message)) == ("", True)
        await changed(stage, stage.ada, message, "More")
        await changed(stage, stage.ada, message, "Delete")
        await changed(stage, stage.ada, message, "Delete for good")
    assert message.content.endswith("is deleted.")
    assert (message.embeds, labels(message)) == ([], [])
    assert rows(stage, "SELECT count(*) FROM passages") == [(0,)]


async def test_delete_pressed_twice_at_once_gets_a_sentence_and_no_fault(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        presses = [await press_forged(stage.playground, stage.ada, message, "story:delete_here:2") for _ in range(2)]
        await stage.playground.until(lambda: any(pressed.followups for pressed in presses))
        (sentence,) = (answer.content for pressed in presses for answer in pressed.followups)
    assert "perhaps it was deleted" in sentence


async def test_a_stranger_deletes_nothing(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        for press in ("delete_here:2", "ask_delete:2", "keep_here:2", "delete:1"):
            pressed = await press_forged(stage.playground, stage.bob, message, f"story:{press}")
            assert "somebody else's story" in await answered(pressed)
    assert rows(stage, "SELECT count(*) FROM stories") == [(1,)]

"""What is stored about a person is theirs: to know, to take along, to leave off and to delete."""

from __future__ import annotations

import json
import logging
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.playground.interactions import Interaction
from bot.playground.world import Message, User
from bot.privacy.words import HISTORY_OFF, HISTORY_ON, NEVER_TRAINED, SENT_TO_SERVERS, WRITTEN_HERE
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, finished, labels, shown_text

WORDS = "The marmalade lighthouse"


async def tell(stage: Stage, user: User | None = None, **options: Any) -> Message:
    asked = {"genre": "horror", "prompt": WORDS, "max_length": 30, **options}
    return await finished(await stage.playground.slash(user or stage.ada, "story", asked))


async def ask(stage: Stage, command: str, user: User | None = None, /, **options: Any) -> Message:
    """Give an answer of ``/privacy``, which only the person sees."""
    asked = await stage.playground.slash(user or stage.ada, f"privacy {command}", options)
    await asked.until(lambda shown: shown.failed or shown.message, 20)
    assert asked.message is not None
    stranger = stage.ada if user is stage.bob else stage.bob
    assert asked.message not in stage.playground.messages(viewer=stranger)
    return asked.message


async def press(stage: Stage, message: Message, label: str) -> str:
    """Press a button of a question and give what stands there afterwards."""
    await stage.playground.press(stage.ada, message, label)
    await stage.playground.until(partial(_has_no_buttons, message), 20)
    return message.content


def _has_no_buttons(message: Message) -> bool:
    return not labels(message)


def stories(stage: Stage) -> list[tuple[int, int]]:
    connection = sqlite3.connect(stage.config.database_path)
    try:
        return connection.execute("SELECT id, owner_id FROM stories ORDER BY id").fetchall()
    finally:
        connection.close()


def bytes_on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


async def test_the_summary_counts_what_is_there_and_says_what_never_happens(stage: Stage) -> None:
    async with stage.bot():
        empty = shown_text(await ask(stage, "summary"))
        await tell(stage)
        saved = await stage.playground.slash(stage.ada, "settings preset save", {"name": "Calm", "top_k": 3})
        await saved.until(lambda shown: shown.message)
        full = shown_text(await ask(stage, "summary"))
    assert "0 stories" in empty
    assert "1 story with" in full
    assert "1 preset" in full
    for sentence in (NEVER_TRAINED, HISTORY_ON, WRITTEN_HERE):
        assert sentence in full
    assert SENT_TO_SERVERS not in full


async def test_everything_is_exported_as_json_and_as_text(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage, title="Jam")
        await tell(stage, stage.bob, prompt="Bob's own words")
        answer = await ask(stage, "export")
    files = {file.filename: file.data.decode() for file in answer.attachments}
    assert set(files) == {"everything.json", "everything.txt"}
    (story,) = json.loads(files["everything.json"])["stories"]
    assert WORDS in story["passages"][0]["text"]
    assert f"{WORDS}" in files["everything.txt"]
    assert "Jam" in files["everything.txt"]
    assert not any("Bob" in text for text in files.values())


async def test_deleting_asks_once_and_then_leaves_no_byte(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        question = await ask(stage, "delete")
        assert "1 story" in question.content
        assert labels(question) == ["Delete everything", "Keep everything"]
        assert await press(stage, question, "Keep everything") == "Nothing was deleted."
        assert WORDS.encode() in bytes_on_disk(stage.config.database_path)

        answer = await press(stage, await ask(stage, "delete"), "Delete everything")
        assert answer.startswith("Everything of yours is deleted, 1 story with it.")
        assert WORDS.encode() not in bytes_on_disk(stage.config.database_path)
        assert str(stage.ada.id).encode() not in bytes_on_disk(stage.config.database_path)


async def test_the_question_is_answered_after_a_restart(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        question = await ask(stage, "delete")
    async with stage.bot():
        await press(stage, question, "Delete everything")
    assert stories(stage) == []


async def test_what_is_being_written_is_stopped_first(stage: Stage, slow_checkpoint: Path) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)) as bot:
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "max_length": 800})
        await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message), 30)
        question = await ask(stage, "delete")
        assert "Everything of yours is deleted" in await press(stage, question, "Delete everything")
        assert bot.storyteller.running_of(stage.ada.id) == []
        assert stories(stage) == []
        await asked.until(lambda shown: shown.message and "Stop" not in labels(shown.message))


async def test_the_log_has_neither_words_nor_people(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="bot"), caplog.at_level(logging.DEBUG, logger="storygen"):
        async with stage.bot():
            message = await tell(stage, title="Jamboree")
            await stage.playground.press(stage.bob, message, "Continue")
            await ask(stage, "export")
            await press(stage, await ask(stage, "delete"), "Delete everything")
    assert "passage 2 of story 1" in caplog.text
    for secret in (WORDS, "Jamboree", "Ada", "Bob", str(stage.ada.id), str(stage.bob.id)):
        assert secret not in caplog.text


async def test_other_people_keep_theirs(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        await tell(stage, stage.bob)
        await press(stage, await ask(stage, "delete"), "Delete everything")
    assert stories(stage) == [(2, stage.bob.id)]


async def test_a_strangers_press_changes_nothing(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        await tell(stage, stage.bob)
        theirs = await ask(stage, "delete", stage.bob)
        pressed = await forged(stage, stage.ada, theirs)
        assert "Somebody else was asked this" in await answered(pressed)
    assert len(stories(stage)) == 2


async def test_a_button_of_another_version_is_answered_in_a_sentence(stage: Stage) -> None:
    async with stage.bot():
        question = await ask(stage, "delete")
        button = question.components[0]["components"][0]
        button["custom_id"] = f"privacy:burn:{stage.ada.id}"
        pressed = await stage.playground.press(stage.ada, question, "Delete everything")
        assert "don't know this button" in await answered(pressed)


async def forged(stage: Stage, user: User, message: Message) -> Interaction:
    """Let somebody press a button on a message that Discord shows only to another person."""
    message.viewer = user  # as if Discord let it through
    return await stage.playground.press(user, message, "Delete everything")


async def test_without_a_history_a_new_story_replaces_the_one_before(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        assert (await ask(stage, "history", keep="off")).content == HISTORY_OFF
        await tell(stage)
        await tell(stage, prompt="Another one")
        assert [story_id for story_id, _ in stories(stage)] == [3]
        assert HISTORY_OFF in shown_text(await ask(stage, "summary"))
        assert (await ask(stage, "history", keep="on")).content == HISTORY_ON
        await tell(stage)
    assert [story_id for story_id, _ in stories(stage)] == [3, 4]


async def test_without_a_history_a_branch_replaces_what_it_was_branched_from(stage: Stage) -> None:
    async with stage.bot():
        await ask(stage, "history", keep="off")
        message = await tell(stage)
        pressed = await stage.playground.press(stage.ada, message, "Branch")
        await pressed.until(lambda shown: shown.followups and labels(shown.followups[0]), 20)
        assert [story_id for story_id, _ in stories(stage)] == [2]
        late = await stage.playground.press(stage.ada, message, "Continue")
        assert "deleted" in await answered(late)


async def test_turning_the_history_off_asks_before_older_stories_go(stage: Stage) -> None:
    async with stage.bot():
        for _ in range(3):
            await tell(stage)
        question = await ask(stage, "history", keep="off")
        assert "You have 3 stories" in question.content
        assert HISTORY_ON in await press(stage, question, "Leave it on")
        assert len(stories(stage)) == 3

        question = await ask(stage, "history", keep="off")
        assert "2 older ones are deleted" in await press(stage, question, "Turn off and delete the older ones")
    assert [story_id for story_id, _ in stories(stage)] == [3]


async def test_it_all_works_in_direct_messages_and_where_only_the_person_has_installed_the_app(stage: Stage) -> None:
    guild = stage.playground.world.add_guild("Elsewhere")
    guild.installed = False
    elsewhere = stage.playground.world.add_channel("chat", guild=guild)
    async with stage.bot():
        for channel in (stage.playground.direct_channel(stage.ada), elsewhere):
            for command in ("summary", "export", "delete"):
                asked = await stage.playground.slash(stage.ada, f"privacy {command}", channel=channel)
                await asked.until(lambda shown: shown.failed or shown.message, 20)
                assert asked.failed is None


@pytest.mark.parametrize(
    ("label", "kept"), [("Delete everything", False), ("Delete, but leave my words in others' stories", True)]
)
async def test_words_in_somebody_elses_story_go_or_stay_without_a_name(stage: Stage, label: str, kept: bool) -> None:
    async with stage.bot():
        message = await tell(stage)
        await (await stage.playground.press(stage.bob, message, "Branch")).until(lambda shown: shown.followups, 20)
        question = await ask(stage, "delete")
        assert "- 3 words of yours in other people's stories" in question.content
        answer = await press(stage, question, label)
        assert ("your words and your name are gone" in answer) is not kept
        left = bytes_on_disk(stage.config.database_path)
        assert (WORDS.encode() in left) is kept
        assert (WORDS.casefold().encode() in left) is kept
    assert stories(stage) == [(2, stage.bob.id)]
    assert str(stage.ada.id) not in str(everybody(stage))


def everybody(stage: Stage) -> list[tuple[int, ...]]:
    """Give the numbers of all people in the database."""
    connection = sqlite3.connect(stage.config.database_path)
    try:
        return connection.execute("SELECT user_id, owner_id, titled_by FROM passages, stories").fetchall()
    finally:
        connection.close()


async def test_a_second_press_on_delete_finds_nothing_more(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        first, second = await ask(stage, "delete"), await ask(stage, "delete")
        assert "1 story with it" in await press(stage, first, "Delete everything")
        assert "0 stories with it" in await press(stage, second, "Delete everything")

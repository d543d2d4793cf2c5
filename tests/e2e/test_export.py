"""A person takes their stories along as files: by command, by button, and by nobody else."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bot.exports import FORMATS
from bot.exports.story_file import read_story_file
from bot.playground.interactions import Interaction
from bot.playground.world import Attachment, Message, User
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, finished, labels, plain, shown_text

PROMPT = "The lantern burned low"


async def tell(stage: Stage, **options: Any) -> Message:
    asked = {"genre": "horror", "prompt": PROMPT, "title": "The <Lantern> & I", "max_length": 30, **options}
    return await finished(await stage.playground.slash(stage.ada, "story", asked))


async def export(stage: Stage, kind: str, user: User | None = None, **options: Any) -> Interaction:
    return await stage.playground.slash(user or stage.ada, "stories export", {"story": "1", "format": kind, **options})


async def file_of(asked: Interaction) -> Attachment:
    """Wait for a file, and give it."""
    await asked.until(lambda shown: shown.failed or (shown.message and shown.message.attachments), 30)
    assert asked.failed is None
    assert asked.message is not None
    (attachment,) = asked.message.attachments
    return attachment


async def read(stage: Stage) -> Message:
    asked = await stage.playground.slash(stage.ada, "stories read", {"story": "1"})
    await asked.until(lambda shown: shown.failed or (shown.message and shown.message.embeds))
    assert asked.message is not None
    return asked.message


def told_text(stage: Stage) -> str:
    connection = sqlite3.connect(stage.config.database_path)
    try:
        return "".join(text for (text,) in connection.execute("SELECT text FROM passages ORDER BY id"))
    finally:
        connection.close()


async def test_a_story_is_exported_in_every_format_and_only_its_owner_sees_it(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        files = {}
        for kind in FORMATS:
            asked = await export(stage, kind.extension)
            files[kind.extension] = await file_of(asked)
            assert asked.message is not None
            assert asked.message not in stage.playground.messages(viewer=stage.bob)
            assert plain(asked.message.content).startswith("The <Lantern> & I · ")
    assert {file.filename for file in files.values()} == {f"the-lantern-i.{kind.extension}" for kind in FORMATS}
    text = files["txt"].data.decode()
    assert text.startswith("The <Lantern> & I\nby Ada\nHorror · ")
    assert "".join(told_text(stage).split()) in "".join(text.split())
    assert "AI-generated: told with tiny-0" in text
    assert files["md"].data.decode().startswith("# The \\<Lantern> & I\n\n*by Ada*\n")
    page = files["html"].data.decode()
    assert "<title>The &lt;Lantern&gt; &amp; I</title>" in page
    assert f"<b>{PROMPT}</b>" in page
    with zipfile.ZipFile(io.BytesIO(files["epub"].data)) as book:
        assert f"<b>{PROMPT}</b>".encode() in book.read("EPUB/page0001.xhtml")
    assert read_story_file(files["json"].data).passages[0].text == PROMPT


async def test_the_json_has_every_version_also_after_a_restart(stage: Stage) -> None:
    async with stage.bot():
        message = await tell(stage)
        first = shown_text(message)
        await stage.playground.press(stage.ada, message, "Retry")
        await stage.playground.until(lambda: shown_text(message) != first and "Continue" in labels(message), 30)
    async with stage.bot():
        story = json.loads((await file_of(await export(stage, "json"))).data)
        text = (await file_of(await export(stage, "txt"))).data.decode()
    versions = [passage for passage in story["passages"] if passage["author"] == "model"]
    assert [passage["parent"] for passage in versions] == [1, 1]
    assert story["story"]["head"] == versions[1]["number"]
    assert len({passage["seed"] for passage in versions}) == 2
    assert "".join(versions[1]["text"].split()) in "".join(text.split())


async def test_the_name_on_it_is_what_the_person_wants(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        other = (await file_of(await export(stage, "txt", author="  A. L. \u202e"))).data.decode()
        none = (await file_of(await export(stage, "txt", anonymous=True))).data.decode()
        both = (await file_of(await export(stage, "json", author="A. L.", anonymous=True))).data.decode()
    assert other.splitlines()[1] == "by A. L."
    assert none.splitlines()[1].startswith("Horror · ")
    assert "Ada" not in other + none + both
    assert "A. L." not in both


async def test_a_story_that_is_being_read_has_a_button_for_every_format(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
    async with stage.bot():
        page = await read(stage)
        asked = await stage.playground.press(stage.ada, page, "Export")
        await asked.until(lambda shown: shown.failed or any(labels(message) for message in answers(shown, page)))
        (question,) = answers(asked, page)
        assert labels(question) == [kind.label for kind in FORMATS]
        assert question not in stage.playground.messages(viewer=stage.bob)
        for kind in FORMATS:
            pressed = await stage.playground.press(stage.ada, question, kind.label)
            await pressed.until(lambda shown: any(message.attachments for message in answers(shown, question)), 30)
            (answer,) = answers(pressed, question)
            assert answer.attachments[0].filename == f"the-lantern-i.{kind.extension}"
            assert answer not in stage.playground.messages(viewer=stage.bob)
        assert labels(question) == [kind.label for kind in FORMATS]


def answers(asked: Interaction, pressed: Message) -> list[Message]:
    """Give the messages that answer a press, without the one that was pressed."""
    return [message for message in (asked.message, *asked.followups) if message is not None and message is not pressed]


@pytest.mark.parametrize("press", ["export:1", "export_as:1:0", "export_as:1:4", "export_as:1:99", "export_as:77:0"])
async def test_a_forged_button_exports_nothing(stage: Stage, press: str) -> None:
    async with stage.bot():
        await tell(stage, private=True)
        message = await finished(await stage.playground.slash(stage.bob, "story", {"genre": "horror"}))
        real, custom_id = message.components, f"story:{press}"
        button = {"type": 2, "style": 2, "label": "x", "custom_id": custom_id}
        message.components = [{"type": 1, "components": [button]}]
        pressed = await stage.playground.press(stage.bob, message, custom_id)
        message.components = real
        sentence = await answered(pressed)
    assert any(words in sentence for words in ("somebody else's story", "no such story", "know this button"))
    assert not any(answer.attachments for answer in stage.playground.messages(viewer=stage.bob))


async def test_the_story_of_somebody_else_is_refused_and_not_suggested(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        assert "somebody else's story" in await answered(await export(stage, "txt", stage.bob))
        assert await stage.playground.autocomplete(stage.bob, "stories export", "story", "") == []
        (mine,) = await stage.playground.autocomplete(stage.ada, "stories export", "story", "LANTERN")
        assert mine["value"] == "1"


async def test_a_story_that_is_being_written_is_refused_until_its_end(stage: Stage, slow_checkpoint: Path) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "prompt": "Go", "max_length": 800})
        await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message), 30)
        assert "still being written" in await answered(await export(stage, "epub"))
        assert asked.message is not None
        await stage.playground.press(stage.ada, asked.message, "Stop")
        await finished(asked)
        assert (await file_of(await export(stage, "epub"))).data.startswith(b"PK")


async def test_a_story_without_a_word_is_refused(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        connection = sqlite3.connect(stage.config.database_path)
        with connection:
            connection.execute("UPDATE passages SET text = '', state = 'failed'")
        connection.close()
        assert "nothing to export" in await answered(await export(stage, "md"))


async def test_a_format_that_does_not_exist_gets_a_sentence(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        options = {"story": "1", "format": "pdf"}
        asked = await stage.playground.slash(stage.ada, "stories export", options, unchecked=True)
        assert "I write txt, md, html, epub, json." in await answered(asked)


async def test_a_story_is_exported_in_direct_messages(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        channel = stage.playground.direct_channel(stage.ada)
        options = {"story": "lantern", "format": "html"}
        asked = await stage.playground.slash(stage.ada, "stories export", options, channel=channel)
        assert (await file_of(asked)).data.startswith(b"<!DOCTYPE html>")


async def test_a_person_who_installed_the_app_for_themselves_exports_where_the_bot_is_not(stage: Stage) -> None:
    async with stage.bot():
        await tell(stage)
        elsewhere = stage.playground.add_channel("chat", guild=stage.playground.add_guild("Elsewhere", installed=False))
        options = {"story": "1", "format": "txt"}
        asked = await stage.playground.slash(stage.ada, "stories export", options, channel=elsewhere)
        assert (await file_of(asked)).data

"""A person with the real bot: a process of its own, with the model that it comes with."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.conftest import Stage
from tests.e2e.person import Person, words_of
from tests.e2e.reading import labels, shown_text
from tests.load.crowd import bot_process


async def test_a_person_tells_a_story_with_the_built_in_model_while_its_process_is_stopped_and_killed(
    stage: Stage, tmp_path: Path
) -> None:
    playground = stage.playground
    ada = Person(playground, stage.ada)
    folder = tmp_path / "bot"
    folder.mkdir()
    async with bot_process(playground, folder) as process:
        message = await ada.use("story", genre="superhero", prompt="Batman is hunting down", max_length=60)
        assert len(words_of(message).split()) > 20
        message = await ada.press(message, "Continue")
        process.kill()
        await process.wait()
    async with bot_process(playground, folder):
        await ada.press(message, "Retry")
        # The message is also brought to its end after the kill, perhaps just before the other version is there.
        await playground.until(lambda: "2/2" in labels(message), 30)
        await ada.press(message, "Undo")
        written = await ada.fill(message, "Write", {"Your words": "But the Joker was not alone."})
        assert shown_text(written).startswith("But the Joker was not alone.")
        assert (await ada.use("explore", genre="superhero", prompt="Batman is")).attachments
        assert shown_text(await ada.use("stories read", story="batman")).startswith("Batman is hunting down")
        opened = await ada.use("stories open", story="batman")
        assert shown_text(opened) == shown_text(written)
        question = await ada.use("privacy delete")
        await ada.press(question, "Delete everything")
    assert b"Batman is hunting" not in b"".join(file.read_bytes() for file in folder.glob("stories*"))

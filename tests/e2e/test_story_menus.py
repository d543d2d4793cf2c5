"""The entries in the menu of messages: "Continue as story" and "Report story"."""

from __future__ import annotations

from bot.playground.world import Message
from tests.e2e.acting import PROMPT, changed, posted, rows, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, finished, shown_text
from tests.fakes.scripted_engine import ScriptedEngine

CONTINUE, REPORT = "Continue as story", "Report story"


async def prefilled(stage: Stage, message: Message) -> str:
    """Give the text with which the form for a new story opens."""
    asked = await stage.playground.menu(stage.ada, CONTINUE, message)
    await asked.until(lambda shown: shown.modal or shown.failed)
    assert asked.modal is not None
    return str(asked.modal["components"][1]["component"]["value"])


async def test_any_message_can_be_continued_as_a_story_in_a_chosen_genre(stage: Stage) -> None:
    engine = ScriptedEngine([" It laughed."])
    async with stage.bot(engine):
        message = stage.playground.say(stage.bob, "I saw a **bat** today.")
        asked = await stage.playground.menu(stage.ada, CONTINUE, message)
        await asked.until(lambda shown: shown.modal or shown.failed)
        story = await finished(await stage.playground.submit(stage.ada, asked, {"Genre": "Drama"}))
    assert shown_text(story) == "I saw a **bat** today. It laughed."
    assert engine.requests[0].genre == "drama"
    assert rows(stage, "SELECT owner_id FROM stories") == [(stage.ada.id,)]


async def test_the_form_for_a_new_story_can_be_sent_after_a_restart(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine()):
        asked = await stage.playground.menu(stage.ada, CONTINUE, stage.playground.say(stage.bob, "I saw a bat."))
        await asked.until(lambda shown: shown.modal or shown.failed)
    async with stage.bot(ScriptedEngine([" It laughed."])):
        story = await finished(await stage.playground.submit(stage.ada, asked, {"Genre": "Drama"}))
    assert shown_text(story) == "I saw a bat. It laughed."


async def test_of_a_long_message_the_end_is_taken_from_a_sentence_on(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine()):
        message = stage.playground.say(stage.bob, "Far away. " * 170 + "The end is near.")
        text = await prefilled(stage, message)
    assert len(text) <= 1500
    assert text.startswith("Far away. ")
    assert text.endswith("The end is near.")


async def test_a_message_without_words_gets_a_sentence(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine()):
        asked = await stage.playground.menu(stage.ada, CONTINUE, stage.playground.say(stage.bob, "<BOS>  "))
        assert (await answered(asked)).startswith("This message has no words that I could go on from.")


async def test_a_story_of_the_bot_is_continued_from_what_is_stored(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a *bat*."])):
        text = await prefilled(stage, await told(stage))
    assert text == "a *bat*."


async def test_a_story_is_reported_from_its_message(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " a cat."])):
        message = await told(stage)
        await changed(stage, stage.ada, message, "Retry")
        await changed(stage, stage.ada, message, "◀")
        asked = await stage.playground.menu(stage.bob, REPORT, message)
        await asked.until(lambda shown: shown.modal or shown.failed)
        sent = await stage.playground.submit(stage.bob, asked, {"What is wrong with it": "Bats bite."})
        assert (await answered(sent)).startswith("Thank you. Those who run this server will read it;")
    reported = "SELECT passages.text, reason FROM reports JOIN passages ON passages.id = passage_id"
    assert rows(stage, reported) == [(" a bat.", "Bats bite.")]


async def test_a_story_that_is_being_written_can_be_reported_too(stage: Stage) -> None:
    engine = ScriptedEngine([" a bat."])
    async with stage.bot(engine):
        first = await told(stage)
        pressed = await stage.playground.press(stage.ada, first, "Continue")
        await pressed.until(lambda shown: shown.followups)
        asked = await stage.playground.menu(stage.bob, REPORT, pressed.followups[0])
        await asked.until(lambda shown: shown.modal or shown.failed)
        assert asked.modal is not None
        engine.answer(" It flew.")
        await posted(pressed)


async def test_a_message_that_is_no_story_can_not_be_reported(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        deleted = await told(stage)
        for what in ("More", "Delete", "Delete for good"):
            await changed(stage, stage.ada, deleted, what)
        for message in (stage.playground.say(stage.bob, PROMPT), deleted):
            asked = await stage.playground.menu(stage.ada, REPORT, message)
            assert (await answered(asked)).startswith("This message is no story of mine")

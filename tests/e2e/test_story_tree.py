"""Going about in a story by its buttons: versions, Undo, Redo, Branch, and what happens when a telling fails."""

from __future__ import annotations

import asyncio

import pytest

from storygen.errors import EngineFailed
from tests.e2e.acting import PROMPT, button, changed, in_rows, posted, press_forged, rows, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, is_finished, labels, shown_text
from tests.fakes.scripted_engine import ScriptedEngine

HEAD = "SELECT text FROM passages WHERE id = (SELECT head_id FROM stories)"


async def test_below_a_passage_stand_the_controls_that_people_need_most(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
    assert in_rows(message) == [["Continue", "Retry", "Undo", "Write", "More"], ["Branch", "♥ 0"]]


async def test_retry_makes_a_version_and_the_arrows_lead_from_one_to_the_other(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " a cat."])):
        message = await told(stage)
        await changed(stage, stage.ada, message, "Retry")
        assert in_rows(message)[1] == ["◀", "2/2", "▶", "Branch", "♥ 0"]
        assert [button(message, arrow).get("disabled") for arrow in ("◀", "▶")] == [False, True]
        await changed(stage, stage.ada, message, "◀")
        assert (shown_text(message), rows(stage, HEAD)) == (f"{PROMPT} a bat.", [(" a bat.",)])
        assert in_rows(message)[1][1] == "1/2"
        await changed(stage, stage.ada, message, "▶")
    assert (shown_text(message), rows(stage, HEAD)) == (f"{PROMPT} a cat.", [(" a cat.",)])


async def test_undo_of_the_first_passage_leaves_the_persons_words_and_redo_brings_it_back(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        await changed(stage, stage.ada, message, "Undo")
        assert (shown_text(message), rows(stage, HEAD)) == (PROMPT, [(PROMPT,)])
        assert in_rows(message)[0] == ["Continue", "Redo", "Undo", "Write", "More"]
        assert button(message, "Undo")["disabled"]
        await changed(stage, stage.ada, message, "Redo")
    assert (shown_text(message), rows(stage, HEAD)) == (f"{PROMPT} a bat.", [(" a bat.",)])


async def test_undo_of_a_later_passage_shows_the_one_before_it(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " It flew."])):
        first = await told(stage)
        second = await posted(await stage.playground.press(stage.ada, first, "Continue"))
        await changed(stage, stage.ada, second, "Undo")
    assert (shown_text(second), rows(stage, HEAD)) == (f"{PROMPT} a bat.", [(" a bat.",)])


async def test_continue_below_words_that_were_left_writes_another_version(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " a cat."])):
        message = await told(stage)
        await changed(stage, stage.ada, message, "Undo")
        again = await posted(await stage.playground.press(stage.ada, message, "Continue"))
    assert shown_text(again) == f"{PROMPT} a cat."
    assert "2/2" in labels(again)


async def test_a_retry_that_fails_shows_the_old_version_and_says_why(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", EngineFailed("nobody")])):
        message = await told(stage)
        await changed(stage, stage.ada, message, "Retry")
    assert message.content.startswith("The model stumbled over this one.")
    assert message.content.endswith("The version that you had is still here.")
    assert (shown_text(message), is_finished(message)) == (f"{PROMPT} a bat.", True)
    assert rows(stage, HEAD) == [(" a bat.",)]


async def test_a_retry_that_is_stopped_before_its_first_word_shows_the_old_version(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        await stage.playground.press(stage.ada, message, "Retry")
        await stage.playground.until(lambda: "Stop" in labels(message))
        await changed(stage, stage.ada, message, "Stop")
    assert message.content == "Stopped before the first word. The version that you had is still here."
    assert shown_text(message) == f"{PROMPT} a bat."


async def test_a_fault_of_the_bot_leaves_no_message_that_seems_to_grow(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", RuntimeError("a fault")])):
        message = await told(stage)
        pressed = await stage.playground.press(stage.ada, message, "Retry")
        assert (await answered(pressed)).startswith("Something broke on my side")
    assert (shown_text(message), is_finished(message)) == (f"{PROMPT} a bat.", True)


async def test_a_first_passage_that_fails_keeps_the_words_in_view_and_can_be_retried(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([EngineFailed("nobody"), " a bat."])):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": PROMPT})
        await asked.until(lambda shown: shown.message and "Retry" in labels(shown.message))
        message = asked.message
        assert message is not None
        assert message.content.startswith("The model stumbled over this one.")
        assert PROMPT in shown_text(message)
        assert in_rows(message) == [["Retry", "Undo", "Write", "More"]]
        await changed(stage, stage.ada, message, "Retry")
    assert shown_text(message) == f"{PROMPT} a bat."
    assert message.content == ""


async def test_a_branch_is_a_story_of_its_own(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " a cat."])):
        message = await told(stage)
        copy = await posted(await stage.playground.press(stage.ada, message, "Branch"))
        assert shown_text(copy) == shown_text(message)
        await changed(stage, stage.ada, copy, "Retry")
    assert shown_text(message) == f"{PROMPT} a bat."
    assert rows(stage, "SELECT count(*), count(DISTINCT head_id) FROM stories") == [(2, 2)]


async def test_a_branch_of_a_private_story_is_private(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage, private=True)
        copy = await posted(await stage.playground.press(stage.ada, message, "Branch"))
        assert copy not in stage.playground.messages(viewer=stage.bob)
    assert rows(stage, "SELECT private FROM stories") == [(1,), (1,)]


async def test_a_private_story_goes_on_in_private(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " It flew."])):
        message = await told(stage, private=True)
        more = await posted(await stage.playground.press(stage.ada, message, "Continue"))
        assert more not in stage.playground.messages(viewer=stage.bob)
    assert "♥ 0" not in labels(more)


async def test_more_shows_two_more_rows_on_the_same_message_and_less_takes_them_away(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage, prompt="")
        note = message.content
        await changed(stage, stage.ada, message, "More")
        assert in_rows(message) == [
            ["Continue", "Retry", "Undo", "Write", "Less"],
            ["Branch", "♥ 0"],
            ["Redo", "Edit", "Rename", "Genre", "Memory"],
            ["Copy settings", "Export", "Share", "Delete", "Report"],
        ]
        await changed(stage, stage.ada, message, "Less")
    assert len(in_rows(message)) == 2
    assert message.content == note != ""


STRANGE = ["Continue", "Retry", "Undo", "Write", "Less", "◀", "Edit", "Rename", "Genre", "Memory", "Share", "Delete"]


@pytest.mark.parametrize("label", STRANGE)
async def test_a_stranger_gets_a_private_sentence_and_a_branch_of_their_own(stage: Stage, label: str) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " a cat."])):
        message = await told(stage)
        await changed(stage, stage.ada, message, "Retry")
        await changed(stage, stage.ada, message, "More")
        before = rows(stage, "SELECT * FROM stories"), len(message.history)
        pressed = await stage.playground.press(stage.bob, message, label)
        assert (await answered(pressed)).startswith("This is somebody else's story. Branch gives you a copy")
        answer = pressed.original if pressed.original not in (None, message) else pressed.followups[0]
        assert answer is not None
        assert answer not in stage.playground.messages(viewer=stage.ada)
        assert (rows(stage, "SELECT * FROM stories"), len(message.history)) == before
        copy = await posted(await stage.playground.press(stage.bob, answer, "Branch"))
        assert shown_text(copy) == shown_text(message)
    assert rows(stage, "SELECT owner_id FROM stories ORDER BY id") == [(stage.ada.id,), (stage.bob.id,)]


async def test_a_stranger_can_not_stop_what_is_being_written(stage: Stage) -> None:
    engine = ScriptedEngine()
    async with stage.bot(engine):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": PROMPT})
        await asked.until(lambda shown: shown.message and "Stop" in labels(shown.message))
        assert asked.message is not None
        pressed = await stage.playground.press(stage.bob, asked.message, "Stop")
        assert "somebody else's story" in await answered(pressed)
        assert labels(pressed.followups[0]) == []
        engine.answer(" a bat.")
        await asked.until(lambda shown: is_finished(shown.message))


PRIVATE = ["undo:2", "redo:2", "version:2:0", "version:2:999999999999999999999999", "more:2", "branch:2", "heart:1"]
PRIVATE += [
    "share:2",
    "copy:2",
    "edit:2",
    "rename:2",
    "memory:2",
    "genre:2",
    "write:2",
    "read:1",
    "export:1",
    "place:2",
]


@pytest.mark.parametrize("press", PRIVATE)
async def test_nobody_reaches_a_private_story_of_somebody_else_by_a_forged_id(stage: Stage, press: str) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " a cat."])):
        await told(stage, private=True)
        own = await stage.playground.slash(stage.bob, "story", {"genre": "horror", "prompt": "x"})
        await own.until(lambda shown: is_finished(shown.message))
        assert own.message is not None
        pressed = await press_forged(stage.playground, stage.bob, own.message, f"story:{press}")
        sentence = await answered(pressed)
        assert "somebody else's story" in sentence
    assert rows(stage, "SELECT count(*), sum(private) FROM stories") == [(2, 1)]
    assert rows(stage, "SELECT count(*) FROM hearts") == [(0,)]


async def test_both_of_two_presses_at_the_same_moment_are_answered_and_the_data_is_right(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " a cat."])):
        message = await told(stage)
        await changed(stage, stage.ada, message, "Retry")
        presses = [await stage.playground.press(stage.ada, message, what) for what in ("◀", "◀", "Undo", "More")]
        for pressed in presses:
            await pressed.acknowledged()
        await stage.playground.until(lambda: len(message.history) >= 8)
    assert [pressed.followups for pressed in presses] == [[], [], [], []]
    assert rows(stage, "SELECT count(*) FROM passages") == [(3,)]


async def test_two_people_who_branch_at_the_same_moment_get_a_copy_each(stage: Stage) -> None:
    people = [stage.bob, stage.playground.add_user("Cleo")]
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        presses = await asyncio.gather(*(stage.playground.press(person, message, "Branch") for person in people))
        copies = [await posted(pressed) for pressed in presses]
    assert [shown_text(copy) for copy in copies] == [f"{PROMPT} a bat."] * 2
    owners = rows(stage, "SELECT owner_id FROM stories WHERE branched_from = 1 ORDER BY owner_id")
    assert owners == sorted((person.id,) for person in people)


async def test_undo_while_the_next_version_is_written_gets_a_sentence(stage: Stage) -> None:
    engine = ScriptedEngine([" a bat."])
    async with stage.bot(engine):
        first = await told(stage)
        pressed = await stage.playground.press(stage.ada, first, "Continue")
        await pressed.until(lambda shown: shown.followups)
        refused = await stage.playground.press(stage.ada, first, "Undo")
        assert "still being written" in await answered(refused)
        engine.answer(" It flew.")
        await posted(pressed)
    assert rows(stage, HEAD) == [(" It flew.",)]


async def test_every_button_below_a_story_that_is_deleted_meanwhile_gets_a_sentence(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " a cat."])):
        message = await told(stage)
        await changed(stage, stage.ada, message, "Retry")
        await changed(stage, stage.ada, message, "More")
        question = await stage.playground.slash(stage.ada, "stories delete", {"story": "1"})
        await question.until(lambda shown: shown.message and labels(shown.message))
        assert question.message is not None
        await stage.playground.press(stage.ada, question.message, "Delete for good")
        await stage.playground.until(lambda: rows(stage, "SELECT count(*) FROM stories") == [(0,)])
        pressable = [item for item in labels(message) if not button(message, item).get("disabled")]
        for label in set(pressable) - {"Report"}:  # it opens a form first, see the tests of forms
            pressed = await stage.playground.press(stage.ada, message, label)
            sentence = await answered(pressed)
            assert "perhaps it was deleted" in sentence, label
    assert not [asked for asked in stage.playground.interactions if asked.failed]

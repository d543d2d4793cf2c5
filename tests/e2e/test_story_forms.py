"""The forms below a story: Write, Edit, Rename, Genre, Memory and Report, also sent after a restart."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.playground.interactions import Interaction, Kind
from bot.playground.world import Message
from tests.e2e.acting import PROMPT, changed, filled_in, opened, posted, rows, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, footer, is_finished, labels, shown_text
from tests.fakes.scripted_engine import ScriptedEngine


def field(asked: Interaction, number: int = 0) -> dict[str, Any]:
    """Give a field of an open form."""
    assert asked.modal is not None
    inner: dict[str, Any] = asked.modal["components"][number]["component"]
    return inner


async def told_and_unfolded(stage: Stage) -> Message:
    message = await told(stage)
    return await changed(stage, stage.ada, message, "More")


async def at_rest(message: Message, sent: Interaction, edits: int) -> None:
    await sent.until(lambda shown: shown.failed or len(message.history) > edits)
    assert sent.failed is None


async def test_words_of_ones_own_are_followed_by_the_models(stage: Stage) -> None:
    engine = ScriptedEngine([" a bat.", " Then it was gone."])
    async with stage.bot(engine):
        message = await told(stage)
        sent = await filled_in(stage, stage.ada, message, "Write", fields={"Your words": "It had *wings*."})
        more = await posted(sent)
    assert shown_text(more) == "It had *wings*. Then it was gone."
    assert engine.requests[-1].prompt == f"{PROMPT} a bat. It had *wings*."
    assert rows(stage, "SELECT author FROM passages ORDER BY id") == [("person",), ("model",), ("person",), ("model",)]


async def test_the_bot_leaves_it_at_ones_own_words_where_one_says_so(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " Then it was gone."])):
        message = await told(stage)
        fields = {"Your words": "It had wings.", "And then": "Leave it at your words"}
        more = await posted(await filled_in(stage, stage.ada, message, "Write", fields=fields))
        assert shown_text(more) == "It had wings."
        assert "Retry" not in labels(more)
        assert footer(more) == "Horror · 3 words"
        after = await posted(await stage.playground.press(stage.ada, more, "Continue"))
    assert shown_text(after) == "It had wings. Then it was gone."


@pytest.mark.parametrize("then", ["I go on after your words", "Leave it at your words"])
async def test_words_of_which_nothing_is_left_get_a_sentence(stage: Stage, then: str) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        fields = {"Your words": "<BOS> <horror>", "And then": then}
        sent = await filled_in(stage, stage.ada, message, "Write", fields=fields)
        assert await answered(sent) == "There are no words in this. Please type at least one."
    assert rows(stage, "SELECT count(*) FROM passages") == [(2,)]


async def test_an_edit_begins_with_the_text_and_keeps_the_old_one_as_a_version(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told_and_unfolded(stage)
        asked = await opened(stage, stage.ada, message, "Edit")
        assert field(asked)["value"] == "a bat."
        edits = len(message.history)
        await at_rest(message, await stage.playground.submit(stage.ada, asked, {"Text": "a *cat*."}), edits)
        assert shown_text(message) == f"{PROMPT} a *cat*."
        assert footer(message).endswith(" · edited")
        assert "1/2" in labels(message)
        await changed(stage, stage.ada, message, "▶")
    assert shown_text(message) == f"{PROMPT} a bat."


async def test_a_passage_that_is_too_long_for_a_form_is_said_to_be(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine(["".join(f" {number}" for number in range(1100)) + "."])):
        message = await told_and_unfolded(stage)
        pressed = await stage.playground.press(stage.ada, message, "Edit")
        assert "a form takes 4,000, so it can't be edited here" in await answered(pressed)


async def test_a_new_title_stands_above_the_story(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told_and_unfolded(stage)
        edits = len(message.history)
        sent = await filled_in(stage, stage.ada, message, "Rename", fields={"Title": "Wings <BOS> & *claws*"})
        await at_rest(message, sent, edits)
    assert message.embeds[0]["title"] == r"Wings & \*claws\*"
    assert rows(stage, "SELECT title, title_origin FROM stories") == [("Wings & *claws*", "typed")]


async def test_another_genre_holds_from_the_next_passage_on(stage: Stage) -> None:
    engine = ScriptedEngine([" a bat.", " It flew."])
    async with stage.bot(engine):
        message = await told_and_unfolded(stage)
        asked = await opened(stage, stage.ada, message, "Genre")
        assert [option["value"] for option in field(asked)["options"] if option.get("default")] == ["horror"]
        edits = len(message.history)
        await at_rest(message, await stage.playground.submit(stage.ada, asked, {"Genre": "Sci-Fi"}), edits)
        assert "Sci-Fi" in footer(message)
        await posted(await stage.playground.press(stage.ada, message, "Continue"))
    assert [request.genre for request in engine.requests] == ["horror", "sci_fi"]


async def test_facts_that_are_kept_go_to_the_model_and_are_shown_again_in_the_form(stage: Stage) -> None:
    engine = ScriptedEngine([" a bat.", " It flew."])
    async with stage.bot(engine):
        message = await told_and_unfolded(stage)
        sent = await filled_in(stage, stage.ada, message, "Memory", fields={"Facts of this story": "The bat is Ann."})
        assert await answered(sent) == "I keep this in mind for every passage from now on."
        await posted(await stage.playground.press(stage.ada, message, "Continue"))
        assert engine.requests[-1].memory == "The bat is Ann."
        asked = await opened(stage, stage.ada, message, "Memory")
        assert field(asked)["value"] == "The bat is Ann."
        sent = await stage.playground.submit(stage.ada, asked, {"Facts of this story": ""})
        assert await answered(sent) == "I no longer keep anything in mind for this story."
    assert rows(stage, "SELECT memory FROM stories") == [("",)]


async def test_a_report_is_kept_and_answered_in_private(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        refused = await stage.playground.press(stage.bob, message, "More")
        await answered(refused)
        asked = await opened(stage, stage.bob, refused.followups[0], "Report")
        sent = await stage.playground.submit(stage.bob, asked, {"What is wrong with it": "Bats bite."})
        assert (await answered(sent)).startswith("Thank you. Those who run this server will read it;")
        assert sent.message not in stage.playground.messages(viewer=stage.ada)
    assert rows(stage, "SELECT passage_id, reporter_id, reason FROM reports") == [(2, stage.bob.id, "Bats bite.")]


FORMS: list[tuple[str, dict[str, str], str, list[tuple[Any, ...]]]] = [
    ("Write", {"Your words": "It flew.", "And then": "Leave it at your words"}, "SELECT max(id) FROM passages", [(3,)]),
    ("Edit", {"Text": "a cat."}, "SELECT text FROM passages WHERE edited", [(" a cat.",)]),
    ("Rename", {"Title": "Wings"}, "SELECT title FROM stories", [("Wings",)]),
    ("Genre", {"Genre": "drama"}, "SELECT genre FROM stories", [("drama",)]),
    ("Memory", {"Facts of this story": "Ann."}, "SELECT memory FROM stories", [("Ann.",)]),
    ("Report", {"What is wrong with it": "All."}, "SELECT reason FROM reports", [("All.",)]),
]


@pytest.mark.parametrize(("form", "fields", "query", "expected"), FORMS, ids=[form[0] for form in FORMS])
async def test_a_form_that_was_opened_before_a_restart_can_be_sent_after_it(
    stage: Stage, form: str, fields: dict[str, str], query: str, expected: list[tuple[Any, ...]]
) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told_and_unfolded(stage)
        asked = await opened(stage, stage.ada, message, form)
    async with stage.bot(ScriptedEngine()):
        sent = await stage.playground.submit(stage.ada, asked, fields)
        await stage.playground.until(lambda: rows(stage, query) == expected)
        await sent.acknowledged()
        await stage.playground.until(lambda: is_finished(message) or any(map(is_finished, sent.followups)))


@pytest.mark.parametrize(("form", "fields"), [(form, fields) for form, fields, *_ in FORMS], ids=str)
async def test_a_form_of_a_story_that_is_deleted_meanwhile_gets_a_sentence(
    stage: Stage, form: str, fields: dict[str, str]
) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])) as bot:
        message = await told_and_unfolded(stage)
        asked = await opened(stage, stage.ada, message, form)
        await bot.storyteller.delete(stage.ada.id, 1)
        assert "perhaps it was deleted" in await answered(await stage.playground.submit(stage.ada, asked, fields))


@pytest.mark.parametrize("custom_id", ["form:edit:99999999999999999999999999", "form:steal:1", "form:", "form:edit:x"])
async def test_a_forged_form_gets_a_sentence(stage: Stage, custom_id: str) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        data = {"custom_id": custom_id, "components": [], "resolved": {}}
        sent = stage.playground._send(Kind.MODAL, stage.bob, message.channel, data, message)
        sentence = await answered(sent)
    assert "Something broke" not in sentence


@pytest.mark.parametrize("form", ["edit", "rename", "genre", "memory", "write"])
async def test_a_form_that_a_stranger_made_up_changes_nothing(stage: Stage, form: str) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        before = rows(stage, "SELECT * FROM stories"), rows(stage, "SELECT * FROM passages")
        text = {"type": 18, "id": 1, "component": {"type": 4, "custom_id": "text", "id": 2, "value": "mine"}}
        kind = {"type": 18, "id": 3, "component": {"type": 3, "custom_id": "genre", "id": 4, "values": ["drama"]}}
        data = {"custom_id": f"form:{form}:2", "components": [text, kind], "resolved": {}}
        sent = stage.playground._send(Kind.MODAL, stage.bob, message.channel, data, message)
        assert "somebody else's story" in await answered(sent)
    assert (rows(stage, "SELECT * FROM stories"), rows(stage, "SELECT * FROM passages")) == before


async def test_a_genre_that_no_model_knows_gets_a_sentence(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        kind = {"type": 18, "id": 3, "component": {"type": 3, "custom_id": "genre", "id": 4, "values": ["romance"]}}
        data = {"custom_id": "form:genre:2", "components": [kind], "resolved": {}}
        sent = stage.playground._send(Kind.MODAL, stage.ada, message.channel, data, message)
        assert (await answered(sent)).startswith("I don't know that genre.")
    assert rows(stage, "SELECT genre FROM stories") == [("horror",)]


async def test_forms_that_are_never_sent_are_not_kept_in_memory(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])) as bot:
        message = await told(stage)
        for _ in range(3):
            await opened(stage, stage.ada, message, "Write")
        assert bot._connection._view_store._modals == {}


@pytest.mark.parametrize(("form", "field"), [("Edit", "Text"), ("Memory", "Facts of this story")])
async def test_words_typed_into_a_form_that_can_not_be_taken_are_given_back(
    stage: Stage, form: str, field: str
) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])) as bot:
        message = await told_and_unfolded(stage)
        asked = await opened(stage, stage.ada, message, form)
        await bot.storyteller.delete(stage.ada.id, 1)
        sent = await stage.playground.submit(stage.ada, asked, {field: "One `tick` and ``` three."})
        await answered(sent)
        answer = sent.message if sent.message not in (None, message) else sent.followups[0]
    assert answer is not None
    assert answer.embeds[0]["description"] == "```\nOne `tick` and ''' three.\n```"
    assert answer not in stage.playground.messages(viewer=stage.bob)


async def test_a_form_that_is_sent_twice_at_once_is_answered_twice(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        asked = await opened(stage, stage.ada, message, "Write")
        fields = {"Your words": "It flew."}
        first, second = await asyncio.gather(*(stage.playground.submit(stage.ada, asked, fields) for _ in range(2)))
        await stage.playground.until(lambda: any(one.content for one in (*first.followups, *second.followups)))
        refused = next(one for one in (*first.followups, *second.followups) if one.content)
    assert "still being written" in refused.content
    assert refused.embeds[0]["description"] == "```\nIt flew.\n```"

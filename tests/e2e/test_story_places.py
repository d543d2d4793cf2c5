"""Everything below a story in every place: a server, direct messages, as an app of one's own, and in private."""

from __future__ import annotations

import pytest

from bot.playground.interactions import USER_INSTALL_FOLLOWUPS
from bot.playground.world import Channel, Message
from tests.e2e.acting import PROMPT, changed, filled_in, posted, rows, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, is_finished, labels, shown_text
from tests.fakes.scripted_engine import ScriptedEngine

PLACES = ["server", "direct messages", "app of one's own", "group", "private"]


def channel_of(stage: Stage, place: str) -> Channel:
    stage.ada.installed = place in ("app of one's own", "group")
    if place == "direct messages":
        return stage.playground.direct_channel(stage.ada)
    if place == "group":
        return stage.playground.add_group("friends", stage.ada, stage.bob)
    if place == "app of one's own":
        return stage.playground.add_channel("elsewhere", guild=stage.playground.add_guild("Elsewhere", installed=False))
    return stage.playground.channel


@pytest.mark.parametrize("place", PLACES)
async def test_every_control_works_in_every_place(stage: Stage, place: str) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " It flew.", " It sang.", " It left."])):
        first = await told(stage, channel=channel_of(stage, place), private=place == "private")
        message = await posted(await stage.playground.press(stage.ada, first, "Continue"))
        await changed(stage, stage.ada, message, "Retry")
        await changed(stage, stage.ada, message, "◀")
        assert shown_text(message) == "It flew."
        await changed(stage, stage.ada, message, "Undo")
        await changed(stage, stage.ada, message, "More")
        await changed(stage, stage.ada, message, "Redo")
        written = await filled_in(stage, stage.ada, message, "Write", fields={"Your words": "Ann waved."})
        message = await posted(written)
        assert shown_text(message) == "Ann waved. It left."
        message = await posted(await stage.playground.press(stage.ada, message, "Branch"))
        await _more(stage, message)
        assert [len(asked.followups) <= 2 for asked in stage.playground.interactions].count(False) == 0
        assert [asked.failed for asked in stage.playground.interactions if asked.failed] == []
    assert rows(stage, "SELECT count(*), count(branched_from) FROM stories") == [(2, 1)]
    if place == "private":
        assert [one for one in stage.playground.messages(viewer=stage.bob) if one.embeds] == []


async def _more(stage: Stage, message: Message) -> None:
    """Do what stands in the rows below More."""
    edits = len(message.history)
    await filled_in(stage, stage.ada, message, "More", "Rename", fields={"Title": "Wings"})
    await stage.playground.until(lambda: len(message.history) > edits + 1)
    assert message.embeds[0]["title"] == "Wings"
    kept = await filled_in(stage, stage.ada, message, "More", "Memory", fields={"Facts of this story": "Ann is ten."})
    assert "in mind" in await answered(kept)
    assert f"prompt:{PROMPT}" in await answered(await stage.playground.press(stage.ada, message, "Copy settings"))
    reported = await filled_in(stage, stage.ada, message, "Report", fields={"What is wrong with it": "Nothing."})
    assert "Thank you" in await answered(reported)
    export = await stage.playground.press(stage.ada, message, "Export")
    assert "as what kind of file?" in await answered(export)


async def test_a_user_who_has_the_app_alone_goes_on_for_longer_than_discords_five_followups(stage: Stage) -> None:
    passages: list[str | Exception] = [f" Bat number {number}." for number in range(USER_INSTALL_FOLLOWUPS + 3)]
    async with stage.bot(ScriptedEngine(passages)):
        message = await told(stage, channel=channel_of(stage, "app of one's own"))
        for _ in passages[1:]:
            message = await posted(await stage.playground.press(stage.ada, message, "Continue"))
    assert shown_text(message) == str(passages[-1]).strip()


@pytest.mark.parametrize("place", PLACES)
async def test_every_control_works_after_a_restart(stage: Stage, place: str) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " a cat."])):
        message = await told(stage, channel=channel_of(stage, place), private=place == "private")
        await changed(stage, stage.ada, message, "Retry")
    for press in ("◀", "Undo", "Redo", "More", "Less", "Retry"):
        async with stage.bot(ScriptedEngine([" a dog."])):
            await changed(stage, stage.ada, message, press)
    assert shown_text(message) == f"{PROMPT} a dog."
    async with stage.bot(ScriptedEngine([" It flew."])):
        more = await posted(await stage.playground.press(stage.ada, message, "Continue"))
    assert is_finished(more)
    assert "3/3" in labels(message)


async def test_menus_of_messages_work_in_direct_messages_and_for_a_user_who_has_the_app_alone(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat.", " It laughed."] * 2)):
        for place in ("direct messages", "app of one's own"):
            message = await told(stage, channel=channel_of(stage, place))
            asked = await stage.playground.menu(stage.ada, "Continue as story", message)
            await asked.until(lambda shown: shown.modal)
            sent = await stage.playground.submit(stage.ada, asked, {"Genre": "Drama"})
            await sent.until(lambda shown: is_finished(shown.message))
            report = await stage.playground.menu(stage.ada, "Report story", message)
            await report.until(lambda shown: shown.modal)
            told_of = await stage.playground.submit(stage.ada, report, {"What is wrong with it": "All of it."})
            assert "Thank you" in await answered(told_of)
    assert rows(stage, "SELECT count(*) FROM reports") == [(2,)]

"""`/stories digest`: what is loved and what is new in a server, when somebody asks."""

from __future__ import annotations

import json

from bot.playground.interactions import Interaction
from tests.e2e.acting import changed, changed_in, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, labels, shown_text
from tests.fakes.scripted_engine import ScriptedEngine

TEN_DAYS_AGO = "UPDATE stories SET created_at = created_at - 10 * 24 * 60 * 60"
LINES: list[str | Exception] = [f" line {number}." for number in range(9)]


async def digested(stage: Stage, **options: str) -> Interaction:
    asked = await stage.playground.slash(stage.bob, "stories digest", options)
    await asked.until(lambda shown: shown.failed or shown.message)
    assert asked.message is not None
    return asked


def fields(asked: Interaction) -> dict[str, list[str]]:
    assert asked.message is not None
    return {field["name"]: field["value"].splitlines() for field in asked.message.embeds[0].get("fields", [])}


async def test_the_digest_has_the_loved_and_what_else_is_new_with_numbers_to_read_them(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine(LINES)):
        old = await told(stage, title="Old and loved")
        await changed(stage, stage.bob, old, "♥ 0")
        changed_in(stage, TEN_DAYS_AGO)
        both = await told(stage, title="New and loved")
        await changed(stage, stage.bob, both, "♥ 0")
        await told(stage, title="New")
        await told(stage, title="Secret", private=True)
        asked = await digested(stage)
        shown = fields(asked)
        assert [line.split(" · ")[0] for line in shown["Most loved"]] == [
            "1. **New and loved**",
            "2. **Old and loved**",
        ]
        assert [line.split(" · ")[0] for line in shown["New"]] == ["3. **New**"]
        assert asked.message is not None
        assert not asked.message.ephemeral
        assert asked.message.mentions == []
        assert labels(asked.message) == ["1", "2", "3"]
        reading = await stage.playground.press(stage.bob, asked.message, "2")
        await reading.until(lambda shown: shown.message and shown.message.embeds)
        assert reading.message is not None
        assert shown_text(reading.message).endswith("line 0.")


async def test_a_month_looks_back_further_than_a_week(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine(LINES)):
        await told(stage, title="Old")
        changed_in(stage, TEN_DAYS_AGO)
        assert "Nobody has told a story here this week" in await answered(await digested(stage, time="week"))
        assert "Old" in json.dumps(fields(await digested(stage, time="month")))


async def test_what_is_told_and_loved_elsewhere_is_not_in_it(stage: Stage) -> None:
    abroad = stage.playground.add_channel("abroad", guild=stage.playground.add_guild("Abroad"))
    async with stage.bot(ScriptedEngine(LINES)):
        there = await told(stage, title="There", channel=abroad)
        await changed(stage, stage.bob, there, "♥ 0")
        assert "Nobody has told a story here" in await answered(await digested(stage))
        direct = await stage.playground.slash(
            stage.bob, "stories digest", channel=stage.playground.direct_channel(stage.bob)
        )
        assert "There is no server here" in await answered(direct)


async def test_titles_full_of_marks_fit_into_it(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine(LINES)):
        for number in range(9):
            message = await told(stage, title="*" * 100)
            if number < 5:
                await changed(stage, stage.bob, message, "♥ 0")
        shown = fields(await digested(stage))
    assert [len(lines) for lines in shown.values()] == [5, 4]

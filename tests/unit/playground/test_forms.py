"""Forms with every kind of field, and pictures inside embeds."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground import Interaction, Playground, PlaygroundRefused, User
from bot.playground.payloads import message_json
from tests.unit.playground.small_bot import DOT, SmallBot


@pytest.fixture
async def form(playground: Playground, bot: SmallBot, ada: User) -> Interaction:
    assert bot.raised == []
    asked = await playground.slash(ada, "everything")
    await asked.acknowledged()
    return asked


async def _sent(playground: Playground, ada: User, form: Interaction, fields: dict[str, Any]) -> str:
    sent = await playground.submit(ada, form, fields)
    await sent.acknowledged()
    assert sent.message is not None
    return sent.message.content


async def test_what_nobody_touches_is_sent_as_it_stands(playground: Playground, ada: User, form: Interaction) -> None:
    assert await _sent(playground, ada, form, {}) == "once | fast | [] | True | []"


async def test_every_kind_of_field_is_filled(playground: Playground, ada: User, form: Interaction) -> None:
    fields = {"Words": "twice", "Pace": "Slow", "Spices": ["Salt", "Dill"], "more": False, "who": [str(ada.id)]}
    assert await _sent(playground, ada, form, fields) == "twice | slow | ['Salt', 'Dill'] | False | ['Ada']"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Pace": "Backwards"}, "not offered; there are Slow, Fast"),
        ({"Pace": ""}, "Pace is required"),
        ({"Spices": ["Sugar"]}, "not offered"),
        ({"Words": "a" * 51}, "0 to 50"),
        ({"Words": ""}, "Words is required"),
    ],
)
async def test_a_field_takes_only_what_it_offers(
    playground: Playground, ada: User, form: Interaction, fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PlaygroundRefused, match=reason):
        await playground.submit(ada, form, fields)


async def test_a_picture_of_an_embed_is_the_file_that_came_with_it(
    playground: Playground, bot: SmallBot, ada: User
) -> None:
    asked = await playground.slash(ada, "picture")
    await asked.acknowledged()
    assert bot.raised == []
    message = asked.message
    assert message is not None
    (file,) = message.attachments
    assert (file.content_type, file.data) == ("image/png", DOT)
    shown = message_json(playground.world, message, "http://here")
    assert message.embeds[0]["image"]["url"].endswith(f"/{file.id}/dot.png")
    assert shown["attachments"][0]["url"] == shown["embeds"][0]["image"]["url"].replace(
        playground.api_url.removesuffix("/api/v10"), "http://here"
    )

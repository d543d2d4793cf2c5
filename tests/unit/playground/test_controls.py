"""Buttons, selects and forms."""

from __future__ import annotations

import pytest

from bot.playground import Message, Playground, PlaygroundRefused, User
from tests.unit.playground.small_bot import Asked, SmallBot


@pytest.fixture
async def message(playground: Playground, bot: SmallBot, ada: User) -> Message:
    assert bot.raised == []
    shown = await playground.slash(ada, "controls")
    await shown.acknowledged()
    assert shown.message is not None
    return shown.message


@pytest.mark.parametrize("what", ["Pressed 0", "count:0"])
async def test_a_button_is_pressed_by_label_or_custom_id(
    playground: Playground, message: Message, ada: User, what: str
) -> None:
    pressed = await playground.press(ada, message, what)
    await pressed.acknowledged()
    assert pressed.message is message
    assert message.content == "1 presses"
    again = await playground.press(ada, message, "Pressed 1")
    await again.acknowledged()
    assert [edit.content for edit in playground.edits(message)] == ["controls", "1 presses", "2 presses"]


async def test_a_press_can_be_deferred_and_answered_by_an_edit(
    playground: Playground, message: Message, ada: User
) -> None:
    pressed = await playground.press(ada, message, "Later")
    await pressed.until(lambda _: message.content == "later has come")
    assert playground.messages() == [message]


@pytest.mark.parametrize("what", ["Nowhere", "Off"])
async def test_a_missing_or_disabled_button_can_not_be_pressed(
    playground: Playground, message: Message, ada: User, what: str
) -> None:
    with pytest.raises(PlaygroundRefused, match=what):
        await playground.press(ada, message, what)


async def test_what_a_person_can_not_see_they_can_not_press(
    playground: Playground, message: Message, ada: User
) -> None:
    playground.delete_message(message)
    with pytest.raises(PlaygroundRefused, match="can't see"):
        await playground.press(ada, message, "Later")


async def test_a_select_takes_a_label_and_sends_its_value(playground: Playground, message: Message, ada: User) -> None:
    chosen = await playground.select(ada, message, "Colour", ["Blue"])
    await chosen.acknowledged()
    assert chosen.message is not None
    assert chosen.message.content == "you chose b"
    assert chosen.message.seen_by(ada)
    assert not chosen.message.seen_by(None)


@pytest.mark.parametrize(
    ("values", "reason"), [(["Green"], "not offered"), ([], "1 to 1"), (["Red", "Blue"], "1 to 1")]
)
async def test_a_select_takes_only_what_it_offers(
    playground: Playground, message: Message, ada: User, values: list[str], reason: str
) -> None:
    with pytest.raises(PlaygroundRefused, match=reason):
        await playground.select(ada, message, "Colour", values)


async def test_a_form_is_opened_filled_and_sent(playground: Playground, message: Message, ada: User) -> None:
    pressed = await playground.press(ada, message, "📝")
    await pressed.acknowledged()
    assert pressed.modal is not None
    assert pressed.modal["title"] == "Your name"
    sent = await playground.submit(ada, pressed, {"Name": "Ada L.", "mood": ["Glad"]})
    await sent.acknowledged()
    assert sent.message is not None
    assert sent.message.content == "Ada L. is Glad"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"mood": ["Glad"]}, "required"),
        ({"Name": "A", "mood": ["Glad"]}, "2 to 10"),
        ({"Name": "A" * 11, "mood": ["Glad"]}, "2 to 10"),
        ({"Name": "Ada"}, "1 to 1"),
        ({"Name": "Ada", "mood": ["Bored"]}, "not offered"),
        ({"Shoe size": "44"}, "no field"),
    ],
)
async def test_a_form_takes_only_what_its_fields_allow(
    playground: Playground, message: Message, ada: User, fields: dict[str, str], reason: str
) -> None:
    pressed = await playground.press(ada, message, "form")
    await pressed.acknowledged()
    with pytest.raises(PlaygroundRefused, match=reason):
        await playground.submit(ada, pressed, fields)


async def test_nobody_sends_the_form_of_another(playground: Playground, message: Message, ada: User) -> None:
    pressed = await playground.press(ada, message, "form")
    await pressed.acknowledged()
    with pytest.raises(PlaygroundRefused, match="no form"):
        await playground.submit(playground.add_user("Bob"), pressed, {})
    shown = await playground.slash(ada, "say", {"text": "hello"})
    await shown.acknowledged()
    with pytest.raises(PlaygroundRefused, match="no form"):
        await playground.submit(ada, shown, {})


async def test_a_person_select_sends_people(playground: Playground, bot: SmallBot, ada: User) -> None:
    import discord

    found: list[str] = []

    class Who(discord.ui.View):
        @discord.ui.select(cls=discord.ui.UserSelect, placeholder="Who", custom_id="who")
        async def who(self, asked: Asked, select: discord.ui.UserSelect[Who]) -> None:
            found.append(select.values[0].display_name)
            await asked.response.defer()

    async def show(asked: Asked) -> None:
        await asked.response.send_message("who?", view=Who())

    await bot.attempt(playground, show)
    chosen = await playground.select(ada, playground.messages()[0], "Who", [str(ada.id)])
    await chosen.acknowledged()
    assert found == ["Ada"]

"""What Discord's client does not let a person send, and how a forged request gets through all the same."""

from __future__ import annotations

import pytest

from bot.playground import Playground, PlaygroundRefused, User
from bot.playground.client.slash_input import OptionValue

pytestmark = pytest.mark.usefixtures("bot")


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("nothing", {}, "no command /nothing"),
        ("books", {}, "needs one of read"),
        ("books burn", {}, "needs one of read"),
        ("say loudly", {}, "no subcommand loudly"),
        ("say", {}, "needs the option text"),
        ("say", {"text": "a", "colour": "red"}, "no option colour"),
        ("say", {"text": ""}, "some text"),
        ("say", {"text": "a" * 21}, "1 to 20 characters, not 21"),
        ("say", {"text": 5}, "some text"),
        ("say", {"text": "a", "tone": "shrill"}, "one of Loud, Low"),
        ("say", {"text": "a", "times": 0}, "from 1 to 3"),
        ("say", {"text": "a", "times": 4}, "from 1 to 3"),
        ("say", {"text": "a", "times": 1.5}, "whole number"),
        ("say", {"text": "a", "times": True}, "whole number"),
        ("say", {"text": "a", "share": 0.4}, "from 0.5 to 1"),
        ("say", {"text": "a", "private": "yes"}, "true or false"),
        ("say", {"text": "a", "to": "Ada"}, "a person"),
    ],
)
async def test_the_client_refuses(
    playground: Playground, ada: User, name: str, options: dict[str, OptionValue], reason: str
) -> None:
    with pytest.raises(PlaygroundRefused, match=reason):
        await playground.slash(ada, name, options)
    assert playground.interactions == []


async def test_the_limits_themselves_are_allowed(playground: Playground, ada: User) -> None:
    shown = await playground.slash(ada, "say", {"text": "a" * 20, "times": 3, "share": 0.5})
    await shown.acknowledged()
    assert shown.failed is None


async def test_a_forged_value_is_sent_unchecked(playground: Playground, ada: User) -> None:
    forged: dict[str, OptionValue] = {"text": "a", "tone": "shrill", "times": 5}
    shown = await playground.slash(ada, "say", forged, unchecked=True)
    await shown.acknowledged()
    assert shown.message is not None
    assert shown.message.content == "a a a a a"  # discord.py does not check the range again


async def test_an_option_without_suggestions_has_none(playground: Playground, ada: User) -> None:
    with pytest.raises(PlaygroundRefused, match="no suggestions"):
        await playground.autocomplete(ada, "say", "text", "a")


async def test_an_unknown_menu_entry_is_refused(playground: Playground, ada: User) -> None:
    with pytest.raises(PlaygroundRefused, match="no entry"):
        await playground.menu(ada, "Burn", playground.say(ada, "hello"))


async def test_commands_are_offered_only_where_and_to_whom_they_are_meant(playground: Playground, ada: User) -> None:
    command = next(command for command in playground.commands if command["name"] == "say")
    command["contexts"] = [0]
    with pytest.raises(PlaygroundRefused, match="direct messages"):
        await playground.slash(ada, "say", {"text": "a"}, channel=playground.direct_channel(ada))
    command["default_member_permissions"] = str(1 << 5)
    with pytest.raises(PlaygroundRefused, match="no permission"):
        await playground.slash(ada, "say", {"text": "a"})
    chief = playground.add_user("Chief", permissions=1 << 3)
    await (await playground.slash(chief, "say", {"text": "a"})).acknowledged()

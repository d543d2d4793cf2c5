"""A person at the terminal: typed lines, numbers, forms, Tab, and the live screen."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.plain_text import PlainTextOutput

from bot.playground import Playground, PlaygroundRefused, User
from bot.playground.terminal.completion import CommandCompleter
from bot.playground.terminal.player import HELP, Player, Quit
from bot.playground.terminal.terminal import play, settled
from tests.unit.playground.small_bot import SmallBot

FIELDS = {"Your name · Name": "Ada", "Your name · Mood (Glad | Sad)": "Sad"}


async def _answer(label: str, _prefill: str) -> str:
    return FIELDS[label]


@pytest.fixture
def player(playground: Playground, bot: SmallBot, ada: User) -> Player:
    assert not bot.is_closed()
    return Player(playground, ada, ask=_answer)


async def test_a_typed_command_shows_its_answer(player: Player) -> None:
    assert await player.do("/say text:hello there tone:loud times:2") is None
    assert [message.content for message in player.visible()] == ["HELLO THERE HELLO THERE"]


async def test_a_number_presses_a_button_and_the_message_changes_in_place(player: Player) -> None:
    await player.do("/controls")
    (before,) = player.visible()
    await player.do("4")
    assert player.visible() == [before]
    assert before.content == "1 presses"


async def test_a_number_still_presses_its_button_after_an_answer_without_buttons(player: Player) -> None:
    await player.do("/controls")
    (before,) = player.visible()
    await player.do("/say text:hello")
    await player.do("4")
    assert before.content == "1 presses"
    with pytest.raises(PlaygroundRefused, match=r"no button \[99\]. There is only \[1\]"):
        await player.do("99")


async def test_a_number_with_a_colon_chooses_in_a_select(player: Player) -> None:
    await player.do("/controls")
    await player.do("5: Blue")
    assert [message.content for message in player.visible()] == ["controls", "you chose b"]


async def test_a_form_is_asked_field_by_field(player: Player) -> None:
    await player.do("/controls")
    await player.do("1")
    assert [message.content for message in player.visible()] == ["controls", "Ada is Sad"]


async def test_another_person_takes_the_keyboard(player: Player, playground: Playground) -> None:
    await player.do("/say text:psst private:true")
    assert await player.do("/as Bob") == "You are Bob now."
    assert player.visible() == []
    await player.do("as Bob")
    assert player.user is playground.world.people()["Bob"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("hello", "Type a command"),
        ("7", r"no button \[7\]. There is nothing to press yet"),
        ("1x", r"no button \[1x\]"),
        ("/as", "Say who"),
        ("/dance", "no command /dance"),
        ("/say text:a times:9", "from 1 to 3"),
    ],
)
async def test_what_can_not_be_done_is_said(player: Player, line: str, reason: str) -> None:
    with pytest.raises(PlaygroundRefused, match=reason):
        await player.do(line)


async def test_help_and_leaving(player: Player) -> None:
    assert await player.do("help") == HELP
    assert await player.do("  ") is None
    for line in ("quit", "/quit", "exit"):
        with pytest.raises(Quit):
            await player.do(line)


async def test_an_answer_is_settled_once_it_stands_still(player: Player, playground: Playground, bot: SmallBot) -> None:
    bot.may_answer.set()
    await player.do("/grow")
    await settled(playground, player, 0.05)
    assert [message.content for message in player.visible()] == ["", "done"]


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ("/sa", ["/say "]),
        ("/boo", ["/books read "]),
        ("/say te", ["text:"]),
        ("/say text:hello ti", ["times:"]),
        ("/say text:hello tone:l", ["Loud ", "Low "]),
        ("/say text:a private:t", ["true "]),
        ("/say text:a to:A", ["Ada "]),
        ("/books read title:bat", ["The Bat", "Batteries not included"]),
        ("/nothing at all", []),
        ("hello", []),
    ],
)
async def test_tab_offers_what_fits(player: Player, text: str, offers: list[str]) -> None:
    found = await CommandCompleter(player).offers(text)
    assert [completion.text for completion in found] == offers


@pytest.fixture
async def paper() -> io.StringIO:
    """Give what the live terminal writes on, without colours and cursor movements."""
    return io.StringIO()


@pytest.fixture
async def keyboard(paper: io.StringIO) -> AsyncIterator[PipeInput]:
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=PlainTextOutput(paper)):
        yield keyboard


@pytest.mark.usefixtures("bot")
async def test_the_terminal_takes_lines_until_the_person_leaves(
    playground: Playground, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("/say text:hello\n/as Bob\nnonsense\nquit\n/say text:never\n"))
    assert await play(playground, interactive=False, still_seconds=0.05) == 0
    shown = capsys.readouterr().out
    assert "Ada> /say text:hello" in shown
    assert "Storyteller" in shown
    assert "You are Bob now." in shown
    assert "Type a command" in shown
    assert "never" not in shown


@pytest.mark.usefixtures("bot")
async def test_the_live_terminal_runs_commands_and_ends_with_quit(
    playground: Playground, keyboard: PipeInput, paper: io.StringIO
) -> None:
    playing = asyncio.create_task(play(playground, interactive=True))
    keyboard.send_text("/say text:hello\r")
    await playground.until(lambda: [m.content for m in playground.messages()] == ["hello"])
    keyboard.send_text("quit\r")
    assert await asyncio.wait_for(playing, 10) == 0
    assert "Ada> /say text:hello" in paper.getvalue()


@pytest.mark.usefixtures("bot")
async def test_the_live_terminal_ends_with_the_input(playground: Playground, keyboard: PipeInput) -> None:
    keyboard.send_text("\x04")
    assert await asyncio.wait_for(play(playground, interactive=True), 10) == 0


@pytest.mark.usefixtures("bot")
async def test_an_answer_that_leaves_the_live_screen_stays_above_it(
    playground: Playground, keyboard: PipeInput, paper: io.StringIO
) -> None:
    playing = asyncio.create_task(play(playground, interactive=True))
    keyboard.send_text("/say text:first\r")
    await playground.until(lambda: len(playground.messages()) == 1)
    keyboard.send_text("/say text:second\r")
    await playground.until(lambda: len(playground.messages()) == 2)
    keyboard.send_text("quit\r")
    assert await asyncio.wait_for(playing, 10) == 0
    assert "Storyteller APP \nfirst\nAda> /say text:second\n" in paper.getvalue()
    assert "Storyteller APP \nsecond\n" in paper.getvalue()


async def test_the_menu_of_the_newest_message_and_of_a_person(playground: Playground, player: Player) -> None:
    playground.add_user("Bob")
    await player.do("say once upon a time")
    await player.do("menu Quote")
    assert player.visible()[-1].content == "> once upon a time"
    await player.do("menu @bob Greet")
    assert player.visible()[-1].content == "Hello Bob, Member"
    for line, reason in (("menu", "Say what"), ("menu @nobody Greet", "nobody"), ("menu Burn", "no entry Burn")):
        with pytest.raises(PlaygroundRefused, match=reason):
            await player.do(line)


async def test_tab_offers_the_entries_of_menus(player: Player) -> None:
    completer = CommandCompleter(player)
    assert [offer.text for offer in await completer.offers("menu q")] == ["Quote"]
    assert [offer.text for offer in await completer.offers("menu @Ada ")] == ["Greet"]
    assert await completer.offers("words") == []


async def test_a_person_goes_to_a_thread_and_what_they_do_happens_there(player: Player, playground: Playground) -> None:
    playground.add_channel("The old door")
    assert await player.do("/in the old") == "You are in The old door now."
    await player.do("say hello")
    assert [message.content for message in player.visible()] == ["hello"]
    await player.do("/say text:hello there tone:loud times:2")
    assert [message.channel.name for message in player.visible()] == ["The old door"]
    with pytest.raises(PlaygroundRefused, match="Say where"):
        await player.do("/in nowhere")

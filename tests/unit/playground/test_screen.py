"""How messages look in a terminal."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from bot.playground import Message, Playground
from bot.playground.terminal.markdown import styled
from bot.playground.terminal.screen import controls_of, draw


def _drawn(playground: Playground, *messages: Message, colours: bool = False) -> str:
    out = StringIO()
    Console(file=out, width=60, force_terminal=colours, color_system="truecolor" if colours else None).print(
        draw(playground.world, messages)
    )
    return out.getvalue()


def _message(playground: Playground, **fields: Any) -> Message:
    message = playground.world.add_message(playground.channel, playground.world.bot)
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def test_embeds_have_a_bar_in_their_colour_at_the_left() -> None:
    playground = Playground()
    embed = {"title": "The cellar", "description": "**Dark** it was.\nAnd cold.", "color": 0x6A1B9A}
    embed |= {"fields": [{"name": "Genre", "value": "Horror"}], "footer": {"text": "AI-generated"}}
    message = _message(playground, embeds=[embed])
    lines = [line.rstrip() for line in _drawn(playground, message).splitlines()]
    assert lines[1:] == ["▌ The cellar", "▌ Dark it was.", "▌ And cold.", "▌ Genre", "▌ Horror", "▌ AI-generated"]
    coloured = _drawn(playground, message, colours=True)
    assert "\x1b[38;2;106;27;154m▌ " in coloured
    assert "\x1b[1mDark\x1b[0m" in coloured


def test_controls_are_numbered_through_all_messages() -> None:
    playground = Playground()
    button: dict[str, Any] = {"type": 2, "style": 1, "label": "Continue", "custom_id": "a"}
    select: dict[str, Any] = {"type": 3, "custom_id": "b", "placeholder": "Colour", "options": [{"label": "Red"}]}
    first = _message(playground, components=[{"type": 1, "components": [button, button | {"disabled": True}]}])
    second = _message(playground, components=[{"type": 1, "components": [select]}])
    text = _drawn(playground, first, second)
    assert "[1]  Continue" in text
    assert "[2] Continue" in text
    assert "[3] Colour: Red" in text
    assert [item["type"] for _, item in controls_of([first, second])] == [2, 2, 3]


def test_what_only_one_person_sees_says_so() -> None:
    playground = Playground()
    assert "only you can see this" in _drawn(playground, _message(playground, flags=1 << 6, content="psst"))
    assert "only you can see this" not in _drawn(playground, _message(playground, content="hello"))


def test_a_deferred_answer_is_thinking() -> None:
    playground = Playground()
    assert "is thinking…" in _drawn(playground, _message(playground, flags=1 << 7))


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("**bold** and *slanted* and `code`", "bold and slanted and code"),
        (r"\*not slanted\*", "*not slanted*"),
        ("a snake_case_name stays", "a snake_case_name stays"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("**over\ntwo lines**", "over\ntwo lines"),
        ("# Title", "Title"),
        ("-# small", "small"),
        ("> said", "▏ said"),
        ("- item", "• item"),
        ("[the docs](https://example.org)", "the docs"),
        ("<@7> and <@8>", "@Ada and @unknown-user"),
        ("</story:123>", "/story"),
        ("**unclosed", "**unclosed"),
    ],
)
def test_markdown_is_shown_as_discord_shows_it(source: str, plain: str) -> None:
    assert styled(source, {7: "Ada"}).plain == plain


def test_square_brackets_of_a_story_are_no_markup_of_the_terminal() -> None:
    playground = Playground()
    assert "[bold]not mine[/bold]" in _drawn(playground, _message(playground, content="[bold]not mine[/bold]"))


def test_a_terminal_is_not_obeyed_wherever_the_words_stand() -> None:
    playground = Playground()
    evil = "a\x1b[2J\x1b]0;x\x07\x9b31m\rb"
    button: dict[str, Any] = {"type": 2, "style": 1, "label": evil, "custom_id": "a"}
    select: dict[str, Any] = {"type": 3, "custom_id": "b", "placeholder": evil, "options": [{"label": evil}]}
    embed: dict[str, Any] = {"title": evil, "description": evil, "footer": {"text": evil}, "author": {"name": evil}}
    embed |= {"fields": [{"name": evil, "value": evil}], "image": {"url": evil}}
    rows = [{"type": 1, "components": [button, select]}]
    message = _message(
        playground, content=f"{evil} **{evil}** [{evil}](https://a.b/{evil})", embeds=[embed], components=rows
    )
    text = _drawn(playground, message)
    assert text.count("a[2J") >= 10
    assert not set(text) & {"\x1b", "\x07", "\x9b", "\r"}

"""The line that a person types, taken apart."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground import Playground, PlaygroundRefused
from bot.playground.clock import RealClock
from bot.playground.terminal.command_line import parse, read_values, write
from bot.playground.world import World

STORY: dict[str, Any] = {
    "type": 1,
    "name": "story",
    "options": [
        {"type": 3, "name": "genre", "choices": [{"name": "Sci-fi", "value": "sci_fi"}]},
        {"type": 3, "name": "prompt"},
        {"type": 4, "name": "max_length"},
        {"type": 10, "name": "temperature"},
        {"type": 5, "name": "private"},
        {"type": 6, "name": "to"},
    ],
}
STORIES: dict[str, Any] = {
    "type": 1,
    "name": "stories",
    "options": [{"type": 1, "name": "read", "options": [{"type": 3, "name": "story"}]}],
}
COMMANDS = [STORY, STORIES, {"type": 1, "name": "help", "options": []}]


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("/story", {}),
        ("/story genre:horror", {"genre": "horror"}),
        (
            "/story genre:horror prompt:words until the next option: max_length:120",
            {"genre": "horror", "prompt": "words until the next option:", "max_length": "120"},
        ),
        ("/story prompt:He said: go!", {"prompt": "He said: go!"}),
        ('/story prompt:"the genre: horror max_length:5" genre:horror',
         {"prompt": "the genre: horror max_length:5", "genre": "horror"}),
        ('/story prompt:"Stop!" he said', {"prompt": '"Stop!" he said'}),
        ("/story prompt: ", {"prompt": ""}),
        ("  /story   genre: sci_fi  ", {"genre": "sci_fi"}),
        ("/story prompt:a genre:b", {"prompt": "a", "genre": "b"}),
        ("/story prompt:subgenre:b", {"prompt": "subgenre:b"}),
    ],
)  # fmt: skip
def test_a_value_goes_up_to_the_next_option(line: str, texts: dict[str, str]) -> None:
    typed = parse(line, COMMANDS)
    assert typed.texts == texts
    assert typed.chosen.name == "story"


def test_a_subcommand_is_part_of_the_name() -> None:
    typed = parse("/stories read story:The Bat", COMMANDS)
    assert (typed.chosen.name, typed.texts) == ("stories read", {"story": "The Bat"})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "Type a command"),
        ("/poem", "no command /poem"),
        ("/stories", "needs one of read"),
        ("/stories burn", "needs one of read"),
        ("/story a dark night", "belongs to no option; write genre:"),
        ("/help me", "belongs to no option"),
        ("/story genre:a genre:b", "given twice"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(line: str, reason: str) -> None:
    with pytest.raises(PlaygroundRefused, match=reason):
        parse(line, COMMANDS)


@given(st.dictionaries(st.sampled_from([option["name"] for option in STORY["options"]]), st.text()))
def test_every_written_line_is_taken_apart_into_the_same_texts(texts: dict[str, str]) -> None:
    assert parse(write("story", texts), COMMANDS).texts == texts


@given(st.text())
def test_any_line_is_taken_apart_or_refused_with_a_sentence(line: str) -> None:
    with suppress(PlaygroundRefused):
        assert set(parse("/story " + line, COMMANDS).texts) <= {option["name"] for option in STORY["options"]}


def test_texts_become_what_the_options_take() -> None:
    playground = Playground()
    ada = playground.add_user("Ada")
    typed = parse("/story genre:sci-fi prompt:go max_length:30 temperature:0.5 private:yes to:@ada", COMMANDS)
    values = read_values(typed, world=playground.world, guild=playground.guild)
    expected = {"genre": "sci_fi", "prompt": "go", "max_length": 30, "temperature": 0.5, "private": True, "to": ada}
    assert values == expected


@pytest.mark.parametrize("line", ["max_length:many", "temperature:hot", "private:perhaps", "to:Nobody"])
def test_a_text_that_an_option_can_not_take_is_refused(line: str) -> None:
    with pytest.raises(PlaygroundRefused, match=line.split(":", maxsplit=1)[0]):
        read_values(parse(f"/story {line}", COMMANDS), world=World(RealClock()), guild=None)

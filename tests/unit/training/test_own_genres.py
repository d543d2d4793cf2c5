"""Genres belong to the checkpoint: a bot with one of seven genres offers seven, under their own names."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.cogs.help_topics import Topic, help_text
from bot.look.cards import genre_colour, genre_label
from bot.playground.demo import genre_to_ask_for
from storygen.checkpoint import CheckpointInfo, load, without_progress_bars, write_info
from storygen.genre import ORIGINAL_GENRES, Genre
from tests.e2e.conftest import Stage, stage
from tests.e2e.reading import answered, finished, footer, shown_text

__all__ = ["stage"]  # a fixture: a playground with the real bot

WESTERN = Genre("western", "Western")
SEVEN = (*ORIGINAL_GENRES, WESTERN)


@pytest.fixture(scope="module")
def seven_genres(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the folder of a tiny checkpoint that has a token for westerns, too."""
    folder = tmp_path_factory.mktemp("seven") / "checkpoint"
    shutil.copytree(tiny_checkpoint, folder)
    write_info(folder, CheckpointInfo(name="tiny-seven", genres=SEVEN, licence="CC0-1.0"))
    checkpoint = load(str(folder))  # it gets the token that it lacks
    with without_progress_bars():
        checkpoint.model.save_pretrained(folder)
    checkpoint.tokenizer.save_pretrained(folder)
    return str(folder)


def offered_genres(stage: Stage) -> dict[str, str]:
    """Give what ``/story`` offers as genre: values by what people read."""
    command: dict[str, Any] = next(command for command in stage.playground.commands if command["name"] == "story")
    option = next(option for option in command["options"] if option["name"] == "genre")
    return {choice["name"]: choice["value"] for choice in option["choices"]}


async def test_the_story_command_offers_the_genres_of_the_checkpoint(stage: Stage, seven_genres: str) -> None:
    async with stage.bot(story_model=seven_genres):
        offered = offered_genres(stage)
    assert offered == {genre.label: genre.name for genre in SEVEN}


async def test_a_story_of_an_own_genre_is_told_with_its_label_and_colour(stage: Stage, seven_genres: str) -> None:
    async with stage.bot(story_model=seven_genres):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "western", "prompt": "The stranger"})
        message = await finished(asked)
        assert shown_text(message).startswith("The stranger")
        assert "· Western ·" in footer(message)
        assert message.embeds[0]["color"] == genre_colour("western")
        about = await stage.playground.slash(stage.ada, "about")
        await about.until(lambda shown: shown.message)
    assert "Drama, Western" in str(about.message.embeds if about.message else "")


async def test_a_story_of_a_genre_that_the_present_model_lacks_is_read_but_not_continued(
    stage: Stage, seven_genres: str
) -> None:
    async with stage.bot(story_model=seven_genres):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "western", "prompt": "The stranger"})
        message = await finished(asked)
    async with stage.bot():  # the model with six genres
        assert "Western" not in offered_genres(stage)
        listed = await stage.playground.slash(stage.ada, "stories list")
        await listed.until(lambda shown: shown.message)
        assert listed.message is not None
        assert "Western" in shown_text(listed.message)
        pressed = await stage.playground.press(stage.ada, message, "Continue")
        assert "I don't know that genre" in await answered(pressed)


def test_help_gives_an_example_that_the_model_understands() -> None:
    assert "`/story genre:Superhero prompt:" in help_text(Topic.BEGIN, SEVEN)
    assert "`/story genre:Western prompt:" in help_text(Topic.BEGIN, [WESTERN])
    assert "Superhero" not in help_text(Topic.BEGIN, [WESTERN])


def test_the_demo_asks_for_a_genre_that_is_offered() -> None:
    def commands(*names: str) -> list[dict[str, Any]]:
        choices = [{"name": name.title(), "value": name} for name in names]
        return [{"name": "help"}, {"name": "story", "options": [{"name": "genre", "choices": choices}]}]

    assert genre_to_ask_for(commands("western", "superhero")) == "superhero"
    assert genre_to_ask_for(commands("western", "romance")) == "western"
    assert genre_to_ask_for(commands()) == "superhero"


def test_an_own_genre_has_a_colour_that_none_of_the_six_has() -> None:
    original = {genre_colour(genre.name) for genre in ORIGINAL_GENRES}
    for name in ("western", "romance", "fairy_tale", "noir"):
        assert genre_colour(name) not in original
        assert genre_label(name, ()) == name.replace("_", " ").title()

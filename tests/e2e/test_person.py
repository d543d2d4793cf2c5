"""A scripted person does every row of what one person can do: wherever the bot is, and with restarts in between."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.playground.world import Channel
from storygen.genre import Genre
from tests.e2e.conftest import Stage
from tests.e2e.person import Person, TalkingEngine, talking_bot, words_of
from tests.e2e.person_steps import STEPS, Walk

PLACES = ("server", "direct", "own app in a server", "own app in a group")


def channel_of(stage: Stage, place: str) -> Channel:
    playground = stage.playground
    if place == "server":
        return playground.channel
    if place == "direct":
        return playground.direct_channel(stage.ada)
    if place == "own app in a group":
        return playground.add_group("Friends", stage.ada, stage.bob)
    return playground.add_channel("chat", guild=playground.add_guild("Elsewhere", installed=False))


def new_walk(stage: Stage, place: str) -> Walk:
    stage.ada.installed = stage.bob.installed = place.startswith("own app")
    channel = channel_of(stage, place)
    bob = None if place == "direct" else Person(stage.playground, stage.bob, channel)
    return Walk(stage, Person(stage.playground, stage.ada, channel), bob)


@pytest.mark.parametrize("place", PLACES)
async def test_a_person_does_everything(stage: Stage, place: str) -> None:
    walk = new_walk(stage, place)
    async with talking_bot(stage):
        for step in STEPS:
            await step(walk)


@pytest.mark.parametrize("place", ["server", "own app in a group"])
async def test_a_person_does_everything_while_the_bot_restarts_before_every_step(stage: Stage, place: str) -> None:
    walk, engine = new_walk(stage, place), TalkingEngine()
    for step in STEPS:
        async with talking_bot(stage, engine):
            await step(walk)


@dataclass(slots=True)
class WorldlyEngine(TalkingEngine):
    """Knows more genres than one of Discord's menus takes."""

    @property
    def genres(self) -> tuple[Genre, ...]:
        return tuple(Genre(name=f"genre_{number}", label=f"Genre {number}") for number in range(40))


async def test_a_model_with_forty_genres_has_them_all_suggested_told_and_listed(stage: Stage) -> None:
    async with talking_bot(stage, WorldlyEngine()):
        ada = Person(stage.playground, stage.ada)
        for command in ("story", "explore"):
            assert len(await ada.suggestions(command, "genre")) == 25
            assert await ada.suggestions(command, "genre", "Genre 39") == ["genre_39"]
        message = await ada.use("story", genre="Genre 39", prompt="It began.")
        assert "Genre 39" in words_of(message)
        await ada.press(message, "More")
        await ada.fill(message, "Genre", {"Genre": ["Genre 3"]})
        assert "Genre 3 " in words_of(message)
        assert "Genre 3 " in words_of(await ada.use("stories list"))
        assert (await ada.use("explore", genre="genre_39", prompt="It began")).attachments


@pytest.mark.parametrize("locale", ["de", "es-ES", "es-419"])
async def test_a_person_types_the_options_in_their_own_language(stage: Stage, locale: str) -> None:
    stage.ada.locale = locale
    async with talking_bot(stage):
        ada = Person(stage.playground, stage.ada)
        story = next(command for command in stage.playground.commands if command["name"] == "story")
        genre, prompt = (
            next(one for one in story["options"] if one["name"] == name)["name_localizations"][locale]
            for name in ("genre", "prompt")
        )
        message = await ada.use("story", **{genre: "horror", prompt: "It began."})
        assert words_of(message).startswith("It began.")
        for menu in ("Continue as story", "Report story"):
            entry = next(command for command in stage.playground.commands if command["name"] == menu)
            assert entry["name_localizations"][locale] != menu

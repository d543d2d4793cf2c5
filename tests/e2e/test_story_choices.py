"""What `/story` offers while one types, with few genres and with more than a menu of Discord takes."""

from __future__ import annotations

from dataclasses import dataclass

from storygen.genre import ORIGINAL_GENRES, Genre
from storygen.sampling import PRESETS, SamplingOverrides
from tests.e2e.acting import PROMPT, opened, rows, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, finished, shown_text
from tests.fakes.scripted_engine import ScriptedEngine

MANY = (*ORIGINAL_GENRES, *(Genre(f"tale_{number}", f"Tale {number}") for number in range(30)))


@dataclass(slots=True)
class ManyGenres(ScriptedEngine):
    """A model that somebody has trained with genres of their own."""

    @property
    def genres(self) -> tuple[Genre, ...]:
        return MANY


async def offered(stage: Stage, option: str, typed: str) -> list[str]:
    choices = await stage.playground.autocomplete(stage.ada, "story", option, typed, {"genre": "horror"})
    return [str(choice["name"]) for choice in choices]


async def test_presets_of_ones_own_are_offered_before_those_of_the_bot(stage: Stage) -> None:
    engine = ScriptedEngine([" a bat."])
    async with stage.bot(engine) as bot:
        mine = SamplingOverrides(temperature=1.5)
        await bot._store.people.save_preset(stage.ada.id, "Wild nights", mine)
        await bot._store.people.save_preset(stage.bob.id, "Wild days", mine)
        assert await offered(stage, "preset", "") == ["Wild nights (yours)", *PRESETS]
        assert await offered(stage, "preset", "wild") == ["Wild nights (yours)", "Wild"]
        await told(stage, preset="wild NIGHTS")
        refused = await stage.playground.slash(
            stage.bob, "story", {"genre": "horror", "prompt": PROMPT, "preset": "Wild nights"}
        )
        assert (await answered(refused)).startswith("There is no such preset.")
    assert [request.options.temperature for request in engine.requests] == [1.5]


async def test_more_genres_than_a_menu_takes_are_offered_while_one_types(stage: Stage) -> None:
    async with stage.bot(ManyGenres([" a bat."])):
        assert len(await offered(stage, "genre", "")) == 25
        assert await offered(stage, "genre", "tale 29") == ["Tale 29"]
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "tale 29", "prompt": PROMPT})
        assert shown_text(await finished(asked)) == f"{PROMPT} a bat."
    assert rows(stage, "SELECT genre FROM stories") == [("tale_29",)]


async def test_of_many_genres_the_form_offers_the_first_and_says_where_all_are(stage: Stage) -> None:
    async with stage.bot(ManyGenres([" a bat."])):
        message = await told(stage)
        asked = await opened(stage, stage.ada, message, "More", "Genre")
        assert asked.modal is not None
        (label,) = asked.modal["components"]
    assert len(label["component"]["options"]) == 25
    assert label["description"] == "From the next passage on. Here are 25 of 36; /story has them all."


async def test_a_genre_of_somebodys_own_has_openings_too(stage: Stage) -> None:
    async with stage.bot(ManyGenres([" a bat."])):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "tale_3"})
        message = await finished(asked)
    assert message.content == "You left the first words to me; this opening is one of mine."

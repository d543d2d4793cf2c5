"""The storyteller with the real engine and a tiny real model."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from bot.config import Config
from bot.store import PassageState, StoryStore
from bot.storytelling.joining import joined
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller, Telling
from storygen.engines.loading import load_writer
from storygen.engines.local import LocalEngine
from storygen.engines.story_writer import StoryWriter
from storygen.errors import UnknownGenre
from storygen.polish import polish
from storygen.sampling import SamplingOverrides
from tests.fakes.tiny_model import write_tiny_checkpoint

ANNA = Teller(user_id=41, guild_id=7, channel_id=9)
SHORT, LONG = SamplingOverrides(max_new_tokens=40), SamplingOverrides(max_new_tokens=800)


@pytest.fixture(scope="module")
def endless_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_checkpoint(tmp_path_factory.mktemp("endless") / "tiny", n_positions=1024, eos_bias=-30)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


@asynccontextmanager
async def telling_with(checkpoint: Path, store: StoryStore, *, rows: int = 8) -> AsyncIterator[Storyteller]:
    async with LocalEngine(str(checkpoint), rows=rows, threads=1) as engine:
        yield Storyteller(engine, store, Config(stories_per_user=30, moderation="off"))


async def first_words_of(telling: Telling) -> None:
    async with asyncio.timeout(60):
        while not telling.generation.text and not telling.generation.done:
            await telling.generation.changed()


async def test_twenty_stories_at_once_end_each_with_its_own_text(tiny_checkpoint: Path, store: StoryStore) -> None:
    async def one(number: int) -> tuple[Telling, str]:
        by = Teller(user_id=number, guild_id=None, channel_id=9)
        telling = await teller.begin(by, genre="drama", prompt=f"Story {number} is", overrides=SHORT, seed=number)
        return telling, (await telling.finished()).text

    async with telling_with(tiny_checkpoint, store) as teller, asyncio.timeout(60):
        ended = await asyncio.gather(*(one(number) for number in range(1, 21)))

    for number, (telling, text) in enumerate(ended, 1):
        row = await store.passage(telling.passage.id)
        assert (row.state, row.text, row.user_id) == (PassageState.DONE, text, number)
        assert (row.seed == number) != row.rewritten  # the model's nonsense may go in circles
        assert text == polish((await telling.generation.story()).text)
        assert joined(await store.path_to(row.id)) == f"Story {number} is{text}"
        assert row.model == "tiny-0"
        assert row.new_tokens is not None
    assert await store.waiting() == []


async def test_the_same_seed_gives_the_same_story(tiny_checkpoint: Path, store: StoryStore) -> None:
    async with telling_with(tiny_checkpoint, store) as teller:
        tellings = [
            await teller.begin(ANNA, genre="drama", prompt="The lake", overrides=SHORT, seed=812) for _ in range(2)
        ]
        first, second = [await telling.finished() for telling in tellings]

    assert first.text == second.text


async def test_a_story_can_be_continued_after_a_restart(tiny_checkpoint: Path, tmp_path: Path) -> None:
    async with StoryStore.open(tmp_path / "s.sqlite3") as store, telling_with(tiny_checkpoint, store) as teller:
        first = await (await teller.begin(ANNA, genre="drama", prompt="The lake", overrides=SHORT)).finished()

    async with StoryStore.open(tmp_path / "s.sqlite3") as store, telling_with(tiny_checkpoint, store) as teller:
        telling = await teller.go_on(ANNA, first.id)
        second = await telling.finished()
        assert telling.generation.request.prompt == f"The lake{first.text}".strip()
        assert joined(await store.path_to(second.id)) == f"The lake{first.text}{second.text}"


async def test_stop_ends_a_story_within_a_second_and_keeps_its_text(
    endless_checkpoint: Path, store: StoryStore
) -> None:
    async with telling_with(endless_checkpoint, store) as teller:
        telling = await teller.begin(ANNA, genre="drama", prompt="The lake", overrides=LONG)
        await first_words_of(telling)

        assert teller.stop(ANNA.user_id, telling.passage.id)
        async with asyncio.timeout(1):
            passage = await telling.finished()

    assert passage.state is PassageState.STOPPED
    assert passage.text == telling.generation.text.rstrip()
    assert passage.text
    assert (passage.new_tokens or 0) < 800


async def test_closing_while_stories_run_and_wait_leaves_no_row_waiting(
    endless_checkpoint: Path, store: StoryStore
) -> None:
    async with telling_with(endless_checkpoint, store, rows=2) as teller:
        tellings = [await teller.begin(ANNA, genre="drama", prompt="The lake", overrides=LONG) for _ in range(6)]
        await first_words_of(tellings[0])

        async with asyncio.timeout(5):
            await teller.close(5)

    rows = [await store.passage(telling.passage.id) for telling in tellings]
    assert [row.state for row in rows] == [PassageState.STOPPED] * 6
    assert [row.text for row in rows] == [telling.generation.text.rstrip() for telling in tellings]
    assert rows[0].text


async def test_stories_asked_for_while_the_model_loads_are_told_when_it_has(
    tiny_checkpoint: Path, store: StoryStore
) -> None:
    gate = threading.Event()
    load = partial(load_writer, str(tiny_checkpoint), device="cpu", rows=2, threads=1, workers=1)

    def slowly() -> StoryWriter:
        gate.wait(60)
        return load()

    async with LocalEngine(str(tiny_checkpoint), rows=2, threads=1, load=slowly) as engine:
        teller = Storyteller(engine, store, Config(moderation="off"))
        stopped = await teller.begin(ANNA, genre="drama", prompt="The lake", overrides=SHORT)
        told = await teller.begin(ANNA, genre="drama", prompt="The lake", overrides=SHORT)
        teller.stop(ANNA.user_id, stopped.passage.id)
        assert (await stopped.finished()).state is PassageState.STOPPED
        gate.set()
        assert (await told.finished()).state is PassageState.DONE


async def test_an_unknown_genre_leaves_nothing_behind(tiny_checkpoint: Path, store: StoryStore) -> None:
    async with telling_with(tiny_checkpoint, store) as teller:
        with pytest.raises(UnknownGenre):
            await teller.begin(ANNA, genre="romance", prompt="The lake")

    assert (await store.counts()).stories == 0


@pytest.mark.parametrize(
    "prompt", ["🧛🏽‍♀️ 🏳️‍🌈", "كان يا ما كان", "a" * 1500, "<BOS><EOS>", "'; DROP TABLE stories; --", "\x00\x1b[2J"]
)
async def test_odd_prompts_get_a_story(tiny_checkpoint: Path, store: StoryStore, prompt: str) -> None:
    async with telling_with(tiny_checkpoint, store) as teller:
        telling = await teller.begin(ANNA, genre="drama", prompt=prompt, overrides=SHORT)
        passage = await telling.finished()

    assert passage.state is PassageState.DONE
    assert passage.text.strip()

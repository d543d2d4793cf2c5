"""What of the model's tries becomes a passage, and which title its story gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.config import Config
from bot.store import PassageState, StoryStore, TitleOrigin
from bot.storytelling import titling
from bot.storytelling.joining import joined
from bot.storytelling.seeds import SEEDS, next_seed
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller, Telling
from bot.storytelling.tries import HIGHER_PENALTY, less_repetitive
from storygen.errors import EngineFailed, QueueFull
from storygen.generation import Piece
from storygen.sampling import LIMITS, SamplingOptions, SamplingOverrides
from storygen.story import FinishReason, Wanted
from storygen.titles import TITLE_OPTIONS
from tests.fakes.scripted_engine import ScriptedEngine

ANNA = Teller(user_id=41, guild_id=7, channel_id=9)
BORIS = Teller(user_id=42, guild_id=None, channel_id=10)
CIRCLES = " froze. Ann ran. Then he ran and he ran and he ran and he ran away"
ROUND = " sang. Bob sat down. It sang and it sang and it sang and it sang again"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


def storyteller(engine: ScriptedEngine, store: StoryStore) -> Storyteller:
    return Storyteller(engine, store, Config(stories_per_user=3, story_seconds=100))


async def tell(teller: Storyteller, *, by: Teller = ANNA, **asked: Any) -> Telling:
    telling = await teller.begin(by, genre="horror", **{"prompt": "The lake", **asked})
    await telling.finished()
    return telling


# Circles


async def test_a_passage_that_goes_in_circles_is_written_again_with_a_higher_penalty_and_another_seed(
    store: StoryStore,
) -> None:
    engine = ScriptedEngine([CIRCLES, " thawed. All was well."])
    telling = await tell(storyteller(engine, store), seed=5, overrides=SamplingOverrides(do_sample=False))

    first, second = engine.requests
    assert second == replace(first, seed=6, options=replace(first.options, repetition_penalty=1.4))
    row = await store.passage(telling.passage.id)
    assert (row.text, row.seed, row.options, row.rewritten) == (" thawed. All was well.", 6, second.options, True)
    assert telling.rewriting
    assert telling.generation is engine.generations[1]  # what people see growing


async def test_what_does_not_go_in_circles_is_written_once(store: StoryStore) -> None:
    engine = ScriptedEngine([" froze. He ran and he ran."])
    telling = await tell(storyteller(engine, store), seed=5)
    row = await store.passage(telling.passage.id)
    assert (row.seed, row.rewritten, telling.rewriting, len(engine.requests)) == (5, False, False, 1)


async def test_a_passage_that_repeats_what_stands_above_it_goes_in_circles_too(store: StoryStore) -> None:
    words = " One two three four five six seven eight nine."
    engine = ScriptedEngine([words, words, " They all slept."])
    teller = storyteller(engine, store)
    first = await tell(teller)
    second = await teller.go_on(ANNA, first.passage.id)
    assert (await second.finished()).text == " They all slept."


@pytest.mark.parametrize(
    ("tries", "kept", "rewritten"),
    [
        ([CIRCLES, ROUND], " sang. Bob sat down.", True),
        ([ROUND, CIRCLES], " sang. Bob sat down.", False),
        ([CIRCLES, EngineFailed()], " froze. Ann ran.", False),
        ([CIRCLES, " "], " froze. Ann ran.", False),
        ([" he ran he ran he ran he ran.", EngineFailed()], " he ran he ran he ran he ran.", False),
    ],
    ids=["second longer", "first longer", "second fails", "second empty", "nothing before"],
)
async def test_where_the_second_try_is_no_better_what_stands_before_the_circles_is_kept(
    store: StoryStore, tries: list[str | Exception], kept: str, rewritten: bool
) -> None:
    engine = ScriptedEngine(tries)
    telling = await tell(storyteller(engine, store), seed=5)
    row = await store.passage(telling.passage.id)
    assert (row.text, row.state, row.rewritten) == (kept, PassageState.DONE, rewritten)
    used = engine.requests[int(rewritten)]
    assert (row.seed, row.options) == (used.seed, used.options)
    assert len(engine.requests) == 2


async def test_circles_that_the_time_has_ended_are_left_out_and_not_written_again(store: StoryStore) -> None:
    engine = ScriptedEngine()
    telling = await storyteller(engine, store).begin(ANNA, genre="horror", prompt="The lake")
    engine.answer(CIRCLES, FinishReason.DEADLINE)
    assert (await telling.finished()).text == " froze. Ann ran."
    assert len(engine.requests) == 1


async def test_circles_that_somebody_stopped_stay_as_they_are(store: StoryStore) -> None:
    engine = ScriptedEngine()
    teller = storyteller(engine, store)
    telling = await teller.begin(ANNA, genre="horror", prompt="The lake")
    engine.generations[0].receive(Piece(CIRCLES))
    teller.stop(ANNA.user_id, telling.passage.id)
    passage = await telling.finished()
    assert (passage.text, passage.state, len(engine.requests)) == (CIRCLES, PassageState.STOPPED, 1)


@pytest.mark.parametrize(("written", "kept"), [(" thawed and", " thawed and"), ("", " froze. Ann ran.")])
async def test_a_second_try_that_is_stopped_keeps_what_it_has_or_the_first_ones_good_part(
    store: StoryStore, written: str, kept: str
) -> None:
    engine = ScriptedEngine([CIRCLES])
    teller = storyteller(engine, store)
    telling = await teller.begin(ANNA, genre="horror", prompt="The lake")
    async with asyncio.timeout(10):
        while len(engine.generations) < 2:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0)
    if written:
        engine.generations[1].receive(Piece(written))
    teller.stop(ANNA.user_id, telling.passage.id)
    passage = await telling.finished()
    assert (passage.text, passage.state) == (kept, PassageState.STOPPED)


async def test_a_full_queue_leaves_a_passage_without_its_second_try(store: StoryStore) -> None:
    engine = ScriptedEngine()
    telling = await storyteller(engine, store).begin(ANNA, genre="horror", prompt="The lake")
    engine.refuse = QueueFull(3)
    engine.answer(CIRCLES)
    passage = await telling.finished()
    assert (passage.text, passage.state) == (" froze. Ann ran.", PassageState.DONE)


def test_the_penalty_stays_within_its_limits_and_all_else_as_it_was() -> None:
    options = SamplingOptions(do_sample=False, temperature=0.4, repetition_penalty=1.2)
    assert less_repetitive(options) == replace(options, repetition_penalty=1.2 + HIGHER_PENALTY)
    most = LIMITS["repetition_penalty"].maximum
    assert less_repetitive(replace(options, repetition_penalty=1.9)).repetition_penalty == most


def test_the_next_seed_is_one_that_people_can_type() -> None:
    assert (next_seed(4), next_seed(SEEDS - 1)) == (5, 0)


# Titles


async def test_a_finished_first_passage_brings_its_story_the_models_title(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still. Then it froze."], title="The Frozen Lake")
    teller = storyteller(engine, store)
    telling = await tell(teller, seed=5)

    asked = engine.titles[0].request
    assert (asked.wants, asked.prompt, asked.options) == (
        Wanted.TITLE,
        "The lake was still. Then it froze.",
        TITLE_OPTIONS,
    )
    assert (asked.genre, asked.user, asked.group, asked.memory, asked.title) == ("horror", 41, 7, "", "")
    assert asked.deadline_seconds <= 2
    story = await store.story(telling.story.id)
    assert (story.title, story.title_origin) == ("The Frozen Lake", TitleOrigin.MODEL)
    assert telling.story == story


@pytest.mark.parametrize(
    "answer", ["", "The Creeper of the Sun", EngineFailed()], ids=["none", "of something else", "an error"]
)
async def test_without_a_title_that_speaks_of_it_a_story_is_named_by_its_first_words(
    store: StoryStore, answer: str | Exception
) -> None:
    engine = ScriptedEngine([" was still."], title=answer)
    telling = await tell(storyteller(engine, store))
    story = await store.story(telling.story.id)
    assert (story.title, story.title_origin) == ("The lake was still.", TitleOrigin.TEXT)
    assert (await store.passage(telling.passage.id)).state is PassageState.DONE


async def test_a_title_is_not_waited_for_longer_than_its_time(
    store: StoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(titling, "TITLE_SECONDS", 0.01)
    engine = ScriptedEngine([" was still."], title=None)
    async with asyncio.timeout(5):
        telling = await tell(storyteller(engine, store))
    assert (await store.story(telling.story.id)).title == "The lake was still."


async def test_where_the_line_is_long_no_title_is_asked_for(store: StoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    status = ScriptedEngine().status()
    monkeypatch.setattr(ScriptedEngine, "status", lambda _: replace(status, waiting_seconds=9.0))
    engine = ScriptedEngine([" was still."], title="The Lake")
    telling = await tell(storyteller(engine, store))
    assert (await store.story(telling.story.id)).title_origin is TitleOrigin.TEXT
    assert engine.titles == []


async def test_a_typed_title_is_told_to_the_model_beforehand_and_stays(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still.", " It froze.", " was gone."], title="The Lake")
    teller = storyteller(engine, store)
    first = await tell(teller, title="  Ice <EOS>\n and fire ")
    await (await teller.go_on(ANNA, first.passage.id)).finished()
    await (await teller.retry(ANNA, first.passage.id)).finished()

    assert [request.title for request in engine.requests] == ["Ice and fire"] * 3
    assert engine.titles == []
    story = await store.story(first.story.id)
    assert (story.title, story.title_origin) == ("Ice and fire", TitleOrigin.TYPED)


async def test_a_title_that_nobody_typed_is_not_told_to_the_model(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still.", " It froze."], title="The Lake")
    teller = storyteller(engine, store)
    first = await tell(teller)
    await (await teller.go_on(ANNA, first.passage.id)).finished()
    assert [request.title for request in engine.requests] == ["", ""]


async def test_continue_and_later_retries_leave_the_title_and_a_retry_of_the_first_passage_may_change_it(
    store: StoryStore,
) -> None:
    engine = ScriptedEngine([" was still.", " It froze.", " It sank.", " was gone."], title="The Lake")
    teller = storyteller(engine, store)
    first = await tell(teller)
    engine.title = "Lake of Ice"
    second = await teller.go_on(ANNA, first.passage.id)
    await second.finished()
    await (await teller.retry(ANNA, second.passage.id)).finished()
    assert (await store.story(first.story.id)).title == "The Lake"

    await (await teller.retry(ANNA, first.passage.id)).finished()
    assert (await store.story(first.story.id)).title == "Lake of Ice"


async def test_a_story_that_was_stopped_is_not_kept_waiting_for_a_title(store: StoryStore) -> None:
    engine = ScriptedEngine(title="The Lake")
    teller = storyteller(engine, store)
    telling = await teller.begin(ANNA, genre="horror", prompt="The lake")
    engine.generations[0].receive(Piece(" was"))
    teller.stop(ANNA.user_id, telling.passage.id)
    await telling.finished()
    assert engine.titles == []


async def test_closing_while_a_title_is_asked_for_keeps_the_text(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still."], title=None)
    teller = storyteller(engine, store)
    telling = await teller.begin(ANNA, genre="horror", prompt="The lake")
    async with asyncio.timeout(10):
        while not engine.titles:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await teller.close(0.01)
    row = await store.passage(telling.passage.id)
    assert (row.text, row.state) == (" was still.", PassageState.DONE)
    assert (await store.story(telling.story.id)).title == "The lake was still."


# What else a request brings


async def test_the_memory_of_a_story_and_the_wish_for_whole_sentences_go_to_the_model(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still.", " It froze.", " was gone."])
    teller = storyteller(engine, store)
    first = await tell(teller)
    await store.tree.set_memory(first.story.id, "Ann <EOS> is a cat.")
    await (await teller.go_on(ANNA, first.passage.id)).finished()
    await (await teller.retry(ANNA, first.passage.id)).finished()

    assert [request.memory for request in engine.requests] == ["", "Ann is a cat.", "Ann is a cat."]
    assert all(request.finish_sentence for request in engine.requests)
    assert engine.requests[1].prompt == "The lake was still."


# Without a history


async def test_who_wants_no_history_has_only_the_story_that_was_begun_last(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still.", " was old.", EngineFailed()])
    teller = storyteller(engine, store)
    kept = await tell(teller, by=BORIS)
    old = await tell(teller)
    await store.people.set_keeps_history(ANNA.user_id, keeps=False)

    failing = await teller.begin(ANNA, genre="horror", prompt="The lake")
    with pytest.raises(EngineFailed):
        await failing.finished()
    stopped = await teller.begin(ANNA, genre="horror", prompt="The lake")
    teller.stop(ANNA.user_id, stopped.passage.id)
    await stopped.finished()
    assert old.story.id in [story.id for story in await store.stories_of(ANNA.user_id)]

    engine.script += ["", " was new.", " It froze."]
    new = await tell(teller)
    assert [story.id for story in await store.stories_of(ANNA.user_id)] == [new.story.id]
    await (await teller.go_on(ANNA, new.passage.id)).finished()
    assert joined(await store.path_to(new.passage.id)) == "The lake was new."
    assert [story.id for story in await store.stories_of(BORIS.user_id)] == [kept.story.id]


async def test_a_story_that_is_still_being_written_is_not_forgotten_by_another_ones_end(store: StoryStore) -> None:
    engine = ScriptedEngine()
    teller = storyteller(engine, store)
    await store.people.set_keeps_history(ANNA.user_id, keeps=False)
    slow = await teller.begin(ANNA, genre="horror", prompt="The lake")
    quick = await teller.begin(ANNA, genre="horror", prompt="The sea")
    engine.answer(" was still.")
    await quick.finished()
    engine.answer_first(" was still.")
    await slow.finished()
    assert [story.id for story in await store.stories_of(ANNA.user_id)] == [slow.story.id]

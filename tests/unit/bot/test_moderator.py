"""Whatever people type and whatever the model writes passes the filter, by whichever way it comes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import Config
from bot.errors import (
    FilterWordKnown,
    FilterWordUnknown,
    OutputRefused,
    StoryRefused,
    TooManyFilterWords,
    WordsRefused,
)
from bot.moderation import SERVER_WORD_LIMIT, Kind, Level
from bot.store import PassageState, StoryStore
from bot.storytelling.exploring import COVERED, Exploring, Wish
from bot.storytelling.seeds import next_seed
from bot.storytelling.story_editor import StoryEditor
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller, Telling
from storygen.exploration import Exploration, ExploreRequest
from storygen.generation import Piece
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason
from tests.fakes.scripted_engine import ScriptedEngine, exploration

ANNA = Teller(user_id=41, guild_id=7, channel_id=9)
ELSEWHERE = Teller(user_id=41, guild_id=8, channel_id=90)
ALONE = Teller(user_id=41, guild_id=None, channel_id=91)
UNFIT = " said fuck off. He went."
FIT = " went home. It was late."


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


def storyteller(engine: ScriptedEngine, store: StoryStore, level: Level = Level.EVERYONE) -> Storyteller:
    return Storyteller(engine, store, Config(stories_per_user=3, story_seconds=100, moderation=level.value))


def editor(teller: Storyteller, store: StoryStore) -> StoryEditor:
    return StoryEditor(store, teller, teller.genres)


async def tell(teller: Storyteller, *, by: Teller = ANNA, prompt: str = "The man") -> Telling:
    telling = await teller.begin(by, genre="horror", prompt=prompt, seed=5)
    await telling.finished()
    return telling


async def asked_for(engine: ScriptedEngine, count: int) -> None:
    async with asyncio.timeout(10):
        while len(engine.generations) < count:  # noqa: ASYNC110 - the engine of a test has no event for it
            await asyncio.sleep(0)


# What people type


@pytest.mark.parametrize(("prompt", "title"), [("What the f.u.c.k", ""), ("The man", "Fuck it")])
async def test_a_story_that_is_asked_for_in_unfit_words_is_refused_and_leaves_nothing(
    store: StoryStore, prompt: str, title: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = ScriptedEngine([FIT])
    with caplog.at_level(logging.DEBUG), pytest.raises(WordsRefused) as refused:
        await storyteller(engine, store).begin(ANNA, genre="horror", prompt=prompt, title=title)
    assert refused.value.kind is Kind.SWEARING
    assert refused.value.words in (prompt, title)
    assert "uck" not in str(refused.value).lower() + caplog.text.lower().replace("ducktype", "")
    assert engine.requests == []
    assert (await store.counts()).stories == 0


async def test_every_text_of_a_person_that_others_may_read_is_looked_at(store: StoryStore) -> None:
    teller = storyteller(ScriptedEngine([FIT] * 9), store)
    edits = editor(teller, store)
    telling = await tell(teller)
    passage, story, bad = telling.passage.id, telling.story.id, "He is a faggot."
    ways: list[Callable[[], Awaitable[object]]] = [
        lambda: teller.go_on(ANNA, passage, bad),
        lambda: edits.write(ANNA, passage, bad),
        lambda: edits.edit(ANNA.user_id, passage, bad),
        lambda: edits.rename(ANNA.user_id, story, bad),
        lambda: edits.set_memory(ANNA.user_id, story, bad),
    ]
    for way in ways:
        with pytest.raises(WordsRefused):
            await way()
    assert [each.text for each in await store.passages_of(story)] == ["The man", FIT]
    assert (await store.story(story)).memory == ""


async def test_a_phrase_that_only_the_story_above_makes_unfit_is_refused_too(store: StoryStore) -> None:
    teller = storyteller(ScriptedEngine([" wants to kill all"]), store)
    telling = await tell(teller)
    with pytest.raises(WordsRefused):
        await teller.go_on(ANNA, telling.passage.id, "the jews in town")


async def test_whoever_runs_the_bot_for_themselves_may_turn_it_off(store: StoryStore) -> None:
    telling = await tell(storyteller(ScriptedEngine([UNFIT]), store, Level.OFF), prompt="Holy shit")
    assert (await store.passage(telling.passage.id)).text == UNFIT


# What a server does not want


async def test_a_servers_own_words_hold_there_and_nowhere_else(store: StoryStore) -> None:
    await store.server_filters.add(7, "moist", by=3)
    teller = storyteller(ScriptedEngine([FIT, FIT]), store)
    with pytest.raises(WordsRefused) as refused:
        await tell(teller, prompt="A m0ist cave")
    assert refused.value.kind is Kind.SERVER
    await tell(teller, by=ELSEWHERE, prompt="A moist cave")
    await tell(teller, by=ALONE, prompt="A moist cave")


async def test_a_server_can_be_stricter_and_not_looser_than_the_bot(store: StoryStore) -> None:
    teller = storyteller(ScriptedEngine([FIT]), store)
    await store.server_filters.set_level(7, Level.STRICT, by=3)
    with pytest.raises(WordsRefused):
        await tell(teller, prompt="A damn bastard")
    await store.server_filters.set_level(7, Level.OFF, by=3)
    with pytest.raises(WordsRefused):
        await tell(teller, prompt="A fucking bastard")


async def test_a_story_from_elsewhere_is_not_posted_where_its_words_are_not_wanted(store: StoryStore) -> None:
    await store.server_filters.add(7, "moist", by=3)
    teller = storyteller(ScriptedEngine([FIT]), store)
    edits = editor(teller, store)
    telling = await tell(teller, by=ALONE, prompt="A moist cave")
    for way in (edits.share(ANNA, telling.story.id), edits.branch(ANNA, telling.passage.id, private=False)):
        with pytest.raises(StoryRefused):
            await way
    assert not (await edits.share(ELSEWHERE, telling.story.id)).private


async def test_an_edit_must_fit_where_the_story_is_told_and_where_it_is_done(store: StoryStore) -> None:
    await store.server_filters.add(7, "moist", by=3)
    teller = storyteller(ScriptedEngine([FIT, FIT]), store)
    edits = editor(teller, store)
    for by, here in ((ANNA, None), (ALONE, 7)):
        telling = await tell(teller, by=by)
        with pytest.raises(WordsRefused):
            await edits.edit(by.user_id, telling.passage.id, "A moist cave", here=here)


async def test_the_list_of_a_server_has_limits(store: StoryStore) -> None:
    await store.server_filters.add(7, "moist", by=3)
    with pytest.raises(FilterWordKnown):
        await store.server_filters.add(7, "moist", by=3)
    for number in range(SERVER_WORD_LIMIT - 1):
        await store.server_filters.add(7, f"word{number}", by=3)
    with pytest.raises(TooManyFilterWords):
        await store.server_filters.add(7, "more", by=3)
    await store.server_filters.remove(7, "moist", by=3)
    with pytest.raises(FilterWordUnknown):
        await store.server_filters.remove(7, "moist", by=3)
    await store.server_filters.add(7, "more", by=3)
    assert (await store.server_filters.of(8)).words == ()
    changes = await store.servers.changes_of(7, SERVER_WORD_LIMIT + 10)
    assert len(changes) == SERVER_WORD_LIMIT + 2
    assert all("moist" not in str(change.details) for change in changes)


# What the model writes


async def test_an_unfit_passage_is_written_again_with_another_seed_and_what_is_stored_is_fit(
    store: StoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    engine = ScriptedEngine([UNFIT, FIT])
    with caplog.at_level(logging.DEBUG):
        telling = await tell(storyteller(engine, store))
    first, second = engine.requests
    assert second == replace(first, seed=next_seed(5))
    row = await store.passage(telling.passage.id)
    assert (row.text, row.state, row.seed) == (FIT, PassageState.DONE, next_seed(5))
    assert "fuck" not in caplog.text


async def test_a_passage_that_is_unfit_twice_is_declined_and_nothing_of_it_is_kept(store: StoryStore) -> None:
    engine = ScriptedEngine([UNFIT, " She is a slut.", FIT])
    telling = await storyteller(engine, store).begin(ANNA, genre="horror", prompt="The man")
    with pytest.raises(OutputRefused):
        await telling.finished()
    row = await store.passage(telling.passage.id)
    assert (row.text, row.state) == ("", PassageState.FAILED)
    assert len(engine.requests) == 2


async def test_words_that_polishing_makes_unfit_are_found(store: StoryStore) -> None:
    engine = ScriptedEngine([" said fu[1]ck and left.", FIT])
    telling = await tell(storyteller(engine, store))
    assert (await store.passage(telling.passage.id)).text == FIT


async def test_what_grows_is_shown_only_as_far_as_it_is_fit_and_the_model_is_stopped_at_once(
    store: StoryStore,
) -> None:
    engine = ScriptedEngine()
    telling = await storyteller(engine, store).begin(ANNA, genre="horror", prompt="The man")
    seen = []
    for piece in (" opened", " the old door", " and", " said fu", "ck", " off"):
        engine.generations[0].receive(Piece(piece))
        seen.append(telling.shown_text)
    assert seen == [
        "",
        " opened",
        " opened the",
        " opened the old door",
        " opened the old door",
        " opened the old door",
    ]
    await asked_for(engine, 2)
    assert engine.generations[0].done
    assert telling.shown_text == ""  # the second try begins anew
    engine.answer(FIT)
    assert (await telling.finished()).text == FIT


async def test_a_stopped_passage_keeps_what_was_fit_to_be_shown(store: StoryStore) -> None:
    engine = ScriptedEngine()
    teller = storyteller(engine, store)
    telling = await teller.begin(ANNA, genre="horror", prompt="The man")
    engine.generations[0].receive(Piece(" opened the old door and said fuck"))
    assert telling.shown_text == " opened the old door"
    teller.stop(ANNA.user_id, telling.passage.id)
    passage = await telling.finished()
    assert (passage.text, passage.state) == (" opened the old door", PassageState.STOPPED)
    assert len(engine.requests) == 1


async def test_an_unfit_second_try_of_circles_leaves_what_was_good_of_the_first(store: StoryStore) -> None:
    circles = " froze. Ann ran. Then he ran and he ran and he ran and he ran away"
    engine = ScriptedEngine([circles, UNFIT, UNFIT])
    telling = await tell(storyteller(engine, store))
    assert (await store.passage(telling.passage.id)).text == " froze. Ann ran."


async def test_an_unfit_title_of_the_model_gives_way_to_the_first_words(store: StoryStore) -> None:
    telling = await tell(storyteller(ScriptedEngine([FIT], title="The Man Went Fucking Home Late"), store))
    assert telling.story.title == "The man went home. It was late."


async def test_a_passage_whose_time_was_over_is_looked_at_too(store: StoryStore) -> None:
    engine = ScriptedEngine()
    telling = await storyteller(engine, store).begin(ANNA, genre="horror", prompt="The man")
    engine.answer(UNFIT, FinishReason.DEADLINE)
    await asked_for(engine, 2)
    engine.answer(FIT)
    assert (await telling.finished()).text == FIT


# Explorations


async def test_an_exploration_covers_unfit_tokens_and_ends_before_unfit_words(store: StoryStore) -> None:
    class Exploring2(ScriptedEngine):
        async def explore(self, request: ExploreRequest) -> Exploration:
            told = exploration(request)
            first, *others = told.next_tokens.tokens
            tokens = (replace(first, text=" fuck"), *others)
            return replace(told, next_tokens=replace(told.next_tokens, tokens=tokens))

    teller = storyteller(ScriptedEngine(), store)
    exploring = Exploring(Exploring2([UNFIT, FIT, FIT]), Config(), teller.gate, teller.moderator)
    wish = Wish(genre="horror", prompt="The man", options=SamplingOptions(), seed=1)
    explored = await exploring.explore(ANNA, wish)
    assert [token.text for token in explored.exploration.next_tokens.tokens] == [COVERED, "e"]
    assert [way.text for way in explored.ways] == ["", FIT, FIT]
    with pytest.raises(WordsRefused):
        await exploring.explore(ANNA, replace(wish, prompt="What the fuck"))

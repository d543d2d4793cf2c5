import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import Config
from bot.errors import (
    NothingWritten,
    NotYours,
    PassageNotFound,
    PassageUnfinished,
    PromptTooLong,
    ShuttingDown,
    StoryNotFound,
    TooManyStories,
    TurnNeverCame,
    UnknownPreset,
)
from bot.store import Author, PassageState, StoryStore
from bot.storytelling.joining import joined
from bot.storytelling.sampling_choice import Origin
from bot.storytelling.seeds import SEEDS
from bot.storytelling.storyteller import PROMPT_LENGTH, Storyteller
from bot.storytelling.telling import Teller, Telling
from storygen.engine import Engine
from storygen.errors import EngineFailed, InvalidOption, QueueFull
from storygen.generation import Moved, Piece
from storygen.sampling import PRESETS, SamplingOptions, SamplingOverrides
from storygen.story import FinishReason
from tests.fakes.scripted_engine import ScriptedEngine

ANNA = Teller(user_id=41, guild_id=7, channel_id=9)
BORIS = Teller(user_id=42, guild_id=None, channel_id=10)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


def storyteller(engine: Engine, store: StoryStore, *, stories_per_user: int = 2) -> Storyteller:
    return Storyteller(engine, store, Config(stories_per_user=stories_per_user, story_seconds=100))


async def tell(teller: Storyteller, prompt: str = "The lake", *, by: Teller = ANNA) -> Telling:
    telling = await teller.begin(by, genre="horror", prompt=prompt)
    await telling.finished()
    return telling


async def states(store: StoryStore) -> set[PassageState]:
    stories = await store.stories_of(ANNA.user_id)
    tries = [await store.passage((story.head_id or 0) + 1) for story in stories]
    return {passage.state for passage in tries}


async def has_nothing(store: StoryStore) -> bool:
    counts = await store.counts()
    return (counts.stories, counts.passages) == (0, 0)


async def test_a_story_is_asked_for_written_polished_and_stored(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still.[1] Then it froze. And nobo"])

    telling = await storyteller(engine, store).begin(ANNA, genre="horror", prompt="  The   lake ", seed=812)
    passage = await telling.finished()

    request = engine.requests[0]
    assert (request.genre, request.prompt, request.seed, request.deadline_seconds) == ("horror", "The lake", 812, 100)
    assert (telling.lead, telling.context, telling.passage.state) == ("The lake", "The lake", PassageState.WAITING)
    assert (passage.text, passage.state, passage.seed) == (" was still. Then it froze.", PassageState.DONE, 812)
    assert await store.passage(passage.id) == passage
    assert joined(await store.path_to(passage.id)) == "The lake was still. Then it froze."
    story = await store.story(telling.story.id)
    assert (story.owner_id, story.guild_id, story.channel_id, story.genre) == (41, 7, 9, "horror")
    assert (story.title, story.head_id) == ("The lake was still. Then it froze.", passage.id)
    assert telling.story == story


async def test_without_a_prompt_the_model_begins_by_itself_and_the_text_has_no_space_in_front(
    store: StoryStore,
) -> None:
    engine = ScriptedEngine([" It was late."])

    telling = await tell(storyteller(engine, store), "")

    assert engine.requests[0].prompt == ""
    assert (telling.lead, telling.context) == ("", "")
    assert [passage.text for passage in await store.path_to(telling.passage.id)] == ["It was late."]


async def test_a_prompt_of_control_tokens_only_is_no_prompt(store: StoryStore) -> None:
    engine = ScriptedEngine([" It was late."])

    await tell(storyteller(engine, store), "<BOS> < horror ><<EOS>PAD>")

    assert engine.requests[0].prompt == ""


async def test_a_typed_title_is_kept_on_one_line_and_within_its_length(store: StoryStore) -> None:
    teller = storyteller(ScriptedEngine([" It was late."]), store)

    telling = await teller.begin(ANNA, genre="horror", title="The\nlake <EOS>" + "!" * 200)
    await telling.finished()

    story = await store.story(telling.story.id)
    assert story.title == ("The lake " + "!" * 200)[:100]


async def test_a_prompt_may_have_1500_characters_after_cleaning_and_not_one_more(store: StoryStore) -> None:
    teller = storyteller(ScriptedEngine([" The end."]), store)

    with pytest.raises(PromptTooLong) as caught:
        await teller.begin(ANNA, genre="horror", prompt="a" * (PROMPT_LENGTH + 1))
    assert (caught.value.length, caught.value.limit) == (1501, 1500)
    assert await has_nothing(store)

    await tell(teller, "a" * PROMPT_LENGTH + "   ")


@pytest.mark.parametrize("refusal", [QueueFull(3), EngineFailed()])
async def test_what_the_engine_refuses_leaves_nothing_behind(store: StoryStore, refusal: Exception) -> None:
    engine = ScriptedEngine([" The end."] * 2, refuse=refusal)
    teller = storyteller(engine, store, stories_per_user=1)

    for _ in range(3):
        with pytest.raises(type(refusal)):
            await teller.begin(ANNA, genre="horror", prompt="The lake")

    assert await has_nothing(store)
    engine.refuse = None
    await tell(teller)


@pytest.mark.parametrize("seed", [-1, SEEDS])
async def test_a_seed_outside_what_discord_can_carry_is_refused(store: StoryStore, seed: int) -> None:
    with pytest.raises(InvalidOption, match="seed"):
        await storyteller(ScriptedEngine(), store).begin(ANNA, genre="horror", seed=seed)


async def test_continue_goes_on_from_the_whole_text_so_far(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still.", " It froze.", ", and all woke."])
    teller = storyteller(engine, store)
    first = await tell(teller)

    second = await teller.go_on(ANNA, first.passage.id)
    await second.finished()
    third = await teller.go_on(ANNA, second.passage.id, "Then <EOS> the bell rang")
    await third.finished()

    assert [request.prompt for request in engine.requests] == [
        "The lake", "The lake was still.", "The lake was still. It froze. Then the bell rang",
    ]  # fmt: skip
    assert (second.lead, third.lead) == ("", "Then the bell rang")
    assert third.context == engine.requests[2].prompt
    path = await store.path_to(third.passage.id)
    assert joined(path) == "The lake was still. It froze. Then the bell rang, and all woke."
    assert [passage.author.value[0] for passage in path] == ["p", "m", "m", "p", "m"]
    assert (await store.story(first.story.id)).head_id == third.passage.id


async def test_letters_of_a_control_token_that_the_model_wrote_are_not_read_as_one(store: StoryStore) -> None:
    engine = ScriptedEngine([" said <EOS> and left.", " The end."])
    teller = storyteller(engine, store)
    first = await tell(teller)

    await (await teller.go_on(ANNA, first.passage.id)).finished()

    assert engine.requests[1].prompt == "The lake said and left."


async def test_retry_writes_a_sibling_with_the_same_options_and_a_new_seed(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still.", " was gone."])
    teller = storyteller(engine, store)
    options = SamplingOverrides(temperature=1.7, max_new_tokens=33)
    first = await teller.begin(ANNA, genre="drama", prompt="The lake", overrides=options, seed=1)
    await first.finished()

    second = await teller.retry(ANNA, first.passage.id)
    await second.finished()

    assert engine.requests[1] == replace(engine.requests[0], seed=engine.requests[1].seed)
    assert engine.requests[1].seed != 1
    assert second.passage.parent_id == first.passage.parent_id
    assert second.lead == "The lake"
    assert (await store.passage(first.passage.id)).text == " was still."
    assert (await store.story(first.story.id)).head_id == second.passage.id


async def test_continue_keeps_the_options_of_the_passage(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still.", " It froze."])
    teller = storyteller(engine, store)
    first = await teller.begin(ANNA, genre="drama", preset="Wild")
    await first.finished()

    await (await teller.go_on(ANNA, first.passage.id)).finished()

    assert engine.requests[1].options == engine.requests[0].options


async def test_a_story_can_go_on_and_be_tried_again_after_a_failure(store: StoryStore) -> None:
    failure = EngineFailed()
    engine = ScriptedEngine([failure, failure, " was still.", " was gone."])
    teller = storyteller(engine, store)
    first = await teller.begin(ANNA, genre="drama", prompt="The lake")
    with pytest.raises(EngineFailed):
        await first.finished()
    second = await teller.retry(ANNA, first.passage.id)
    with pytest.raises(EngineFailed):
        await second.finished()

    third = await teller.go_on(ANNA, second.passage.id)
    await third.finished()
    fourth = await teller.retry(ANNA, second.passage.id)
    await fourth.finished()

    assert [request.prompt for request in engine.requests] == ["The lake"] * 4
    assert [passage.text for passage in await store.path_to(third.passage.id)] == ["The lake", " was still."]


async def test_a_failure_reaches_the_reader_after_the_row_has_ended(store: StoryStore) -> None:
    teller = storyteller(ScriptedEngine([EngineFailed()]), store)

    telling = await teller.begin(ANNA, genre="horror", prompt="The lake")
    with pytest.raises(EngineFailed):
        await telling.finished()

    failed = await store.passage(telling.passage.id)
    story = await store.story(telling.story.id)
    assert (failed.state, failed.text) == (PassageState.FAILED, "")
    assert (story.title, story.head_id) == ("The lake", failed.parent_id)


async def test_a_model_that_writes_nothing_is_asked_once_more_with_another_seed(store: StoryStore) -> None:
    engine = ScriptedEngine([" \n ", " It was late."])

    telling = await tell(storyteller(engine, store))

    passage = await store.passage(telling.passage.id)
    assert (passage.text, passage.seed) == (" It was late.", engine.requests[1].seed)
    assert engine.requests[0].seed != engine.requests[1].seed


async def test_a_model_that_writes_nothing_twice_has_failed(store: StoryStore) -> None:
    teller = storyteller(ScriptedEngine(["", "[1]"]), store)

    telling = await teller.begin(ANNA, genre="horror", prompt="The lake")
    with pytest.raises(NothingWritten):
        await telling.finished()

    assert (await store.passage(telling.passage.id)).state is PassageState.FAILED


async def test_a_story_that_had_no_turn_in_its_time_is_not_put_into_the_queue_again(store: StoryStore) -> None:
    engine = ScriptedEngine()
    telling = await storyteller(engine, store).begin(ANNA, genre="horror", prompt="The lake")
    engine.answer("", FinishReason.DEADLINE)
    with pytest.raises(TurnNeverCame):
        await telling.finished()
    assert len(engine.requests) == 1
    assert (await store.passage(telling.passage.id)).state is PassageState.FAILED


async def test_the_same_passage_is_not_written_twice_at_a_time(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still."])
    teller = storyteller(engine, store, stories_per_user=9)
    first = await tell(teller)
    presses = (teller.go_on, teller.retry)
    for press in presses:
        answers = await asyncio.gather(
            press(ANNA, first.passage.id), press(ANNA, first.passage.id), return_exceptions=True
        )
        assert [type(answer) for answer in answers] == [Telling, PassageUnfinished]
    engine.answer(" It froze.")
    retried = await store.passage(4)
    assert retried.parent_id == first.passage.parent_id
    for telling in engine.generations:
        telling.cancel()


async def test_a_passage_can_be_retried_again_once_the_retry_has_ended(store: StoryStore) -> None:
    teller = storyteller(ScriptedEngine([" was still.", " froze.", " thawed."]), store)
    first = await tell(teller)
    for _ in range(2):
        await (await teller.retry(ANNA, first.passage.id)).finished()
    assert (await store.counts()).passages == 4


async def test_a_title_of_first_words_follows_a_retry_and_a_typed_one_stays(store: StoryStore) -> None:
    teller = storyteller(ScriptedEngine([" was still.", " froze."]), store)
    first = await tell(teller)
    again = await teller.retry(ANNA, first.passage.id)
    await again.finished()
    assert again.story.title == (await store.story(first.story.id)).title == "The lake froze."

    teller = storyteller(ScriptedEngine([" was still.", " froze."]), store)
    named = await teller.begin(ANNA, genre="horror", prompt="The lake", title="Ice")
    await named.finished()
    await (await teller.retry(ANNA, named.passage.id)).finished()
    assert (await store.story(named.story.id)).title == "Ice"


async def test_a_story_whose_time_was_over_is_done_with_what_it_has(store: StoryStore) -> None:
    engine = ScriptedEngine()
    telling = await storyteller(engine, store).begin(ANNA, genre="horror", prompt="The lake")

    engine.answer(" was still. And th", FinishReason.DEADLINE)
    passage = await telling.finished()

    assert (passage.text, passage.state, passage.finish_reason) == (" was still.", PassageState.DONE, "deadline")


async def test_a_stopped_passage_keeps_all_that_it_has(store: StoryStore) -> None:
    engine = ScriptedEngine()
    teller = storyteller(engine, store)
    telling = await teller.begin(ANNA, genre="horror", prompt="The lake")
    engine.generations[0].receive(Piece(" was still. And th"))

    assert teller.stop(ANNA.user_id, telling.passage.id)
    passage = await telling.finished()

    assert (passage.text, passage.state) == (" was still. And th", PassageState.STOPPED)
    assert not teller.stop(ANNA.user_id, telling.passage.id)


async def test_a_passage_that_is_stopped_before_its_first_word_is_not_tried_again(store: StoryStore) -> None:
    engine = ScriptedEngine()
    teller = storyteller(engine, store)
    telling = await teller.begin(ANNA, genre="horror", prompt="The lake")

    teller.stop(ANNA.user_id, telling.passage.id)
    passage = await telling.finished()

    assert (passage.text, passage.state, len(engine.requests)) == ("", PassageState.STOPPED, 1)


async def test_a_stream_that_its_reader_cancels_is_not_tried_again(store: StoryStore) -> None:
    engine = ScriptedEngine()
    telling = await storyteller(engine, store).begin(ANNA, genre="horror", prompt="The lake")

    telling.generation.cancel()
    passage = await telling.finished()

    assert (passage.text, passage.state, len(engine.requests)) == ("", PassageState.STOPPED, 1)


async def test_a_story_that_ends_empty_just_when_it_is_stopped_is_not_tried_again(store: StoryStore) -> None:
    engine = ScriptedEngine()
    teller = storyteller(engine, store)
    telling = await teller.begin(ANNA, genre="horror", prompt="The lake")

    engine.answer("")
    teller.stop(ANNA.user_id, telling.passage.id)
    passage = await telling.finished()

    assert (passage.text, passage.state, len(engine.requests)) == ("", PassageState.STOPPED, 1)


async def test_only_who_asked_may_stop_continue_retry_read_or_delete(store: StoryStore) -> None:
    engine = ScriptedEngine()
    teller = storyteller(engine, store)
    telling = await teller.begin(ANNA, genre="horror", prompt="The lake")

    with pytest.raises(NotYours) as caught:
        teller.stop(BORIS.user_id, telling.passage.id)
    assert caught.value.owner_id == ANNA.user_id
    engine.answer(" was still.")
    await telling.finished()
    for forbidden in (
        teller.go_on(BORIS, telling.passage.id),
        teller.retry(BORIS, telling.passage.id),
        teller.story_of(BORIS.user_id, telling.story.id),
        teller.delete(BORIS.user_id, telling.story.id),
    ):
        with pytest.raises(NotYours):
            await forbidden

    assert (await store.passage(telling.passage.id)).state is PassageState.DONE
    assert len(engine.requests) == 1


async def test_a_passage_that_is_being_written_can_not_be_continued_or_retried(store: StoryStore) -> None:
    engine = ScriptedEngine()
    teller = storyteller(engine, store)
    telling = await teller.begin(ANNA, genre="horror")

    with pytest.raises(PassageUnfinished):
        await teller.go_on(ANNA, telling.passage.id)
    with pytest.raises(PassageUnfinished):
        await teller.retry(ANNA, telling.passage.id)

    engine.answer(" It was late.")
    await telling.finished()


@pytest.mark.parametrize("passage_id", [0, 99, 2**70])
async def test_what_is_gone_is_not_found(store: StoryStore, passage_id: int) -> None:
    teller = storyteller(ScriptedEngine(), store)

    with pytest.raises(PassageNotFound):
        await teller.go_on(ANNA, passage_id)
    with pytest.raises(PassageNotFound):
        await teller.retry(ANNA, passage_id)
    with pytest.raises(StoryNotFound):
        await teller.delete(ANNA.user_id, passage_id)
    assert not teller.stop(ANNA.user_id, passage_id)


async def test_a_person_has_only_so_many_stories_at_a_time_and_others_are_not_held_up(store: StoryStore) -> None:
    engine = ScriptedEngine()
    teller = storyteller(engine, store)
    results = await asyncio.gather(
        *(teller.begin(ANNA, genre="horror", prompt="The lake") for _ in range(5)), return_exceptions=True
    )

    tellings = [result for result in results if isinstance(result, Telling)]
    assert (len(tellings), sum(isinstance(result, TooManyStories) for result in results)) == (2, 3)
    other = await teller.begin(BORIS, genre="horror")

    for telling in [*tellings, other]:
        teller.stop(telling.passage.user_id, telling.passage.id)
        await telling.finished()
    again = await teller.begin(ANNA, genre="horror")
    teller.stop(ANNA.user_id, again.passage.id)
    await again.finished()


async def test_the_row_ends_also_when_whoever_showed_it_has_left(store: StoryStore) -> None:
    engine = ScriptedEngine()
    telling = await storyteller(engine, store).begin(ANNA, genre="horror", prompt="The lake")
    reader = asyncio.create_task(telling.finished())
    await asyncio.sleep(0)

    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    engine.answer(" was still.")

    assert (await telling.finished()).text == " was still."


@pytest.mark.parametrize("turns", range(1, 10))
async def test_whoever_asks_and_leaves_at_once_leaves_no_row_waiting(store: StoryStore, turns: int) -> None:
    teller = storyteller(ScriptedEngine(), store)
    asker = asyncio.create_task(teller.begin(ANNA, genre="horror", prompt="The lake"))
    for _ in range(turns):
        await asyncio.sleep(0)
    asker.cancel()
    await asyncio.gather(asker, return_exceptions=True)

    async with asyncio.timeout(5):
        await teller.close(60)

    assert await states(store) in (set(), {PassageState.STOPPED})


async def test_a_story_that_is_deleted_while_it_is_written_is_stopped_and_stays_deleted(store: StoryStore) -> None:
    teller = storyteller(ScriptedEngine(), store)
    telling = await teller.begin(ANNA, genre="horror", prompt="The lake")

    deleted = await teller.delete(ANNA.user_id, telling.story.id)

    assert deleted.id == telling.story.id
    with pytest.raises(PassageNotFound):
        await telling.finished()
    assert await has_nothing(store)


async def test_closing_stops_what_runs_and_takes_nothing_more(store: StoryStore) -> None:
    engine = ScriptedEngine()
    teller = storyteller(engine, store)
    tellings = [await teller.begin(by, genre="horror", prompt="The lake") for by in (ANNA, BORIS)]
    engine.generations[0].receive(Piece(" was sti"))

    await teller.close(5)

    rows = [await store.passage(telling.passage.id) for telling in tellings]
    assert [(row.state, row.text) for row in rows] == [(PassageState.STOPPED, " was sti"), (PassageState.STOPPED, "")]
    with pytest.raises(ShuttingDown):
        await teller.begin(ANNA, genre="horror")


async def test_closing_lets_what_is_being_written_end_and_stops_who_waits(store: StoryStore) -> None:
    engine = ScriptedEngine()
    teller = storyteller(engine, store)
    tellings = [await teller.begin(by, genre="horror", prompt="The lake") for by in (ANNA, BORIS)]
    engine.generations[0].receive(Moved(0))
    closing = asyncio.create_task(teller.close(60, finishing_seconds=30))
    await tellings[1].finished()  # who waits is stopped at once
    engine.answer_first(" was still.")

    async with asyncio.timeout(5):
        await closing

    rows = [await store.passage(telling.passage.id) for telling in tellings]
    assert [(row.state, row.text) for row in rows] == [(PassageState.DONE, " was still."), (PassageState.STOPPED, "")]


async def test_closing_stops_what_has_not_ended_in_the_time_for_finishing(store: StoryStore) -> None:
    engine = ScriptedEngine()
    teller = storyteller(engine, store)
    telling = await teller.begin(ANNA, genre="horror", prompt="The lake")
    engine.generations[0].receive(Moved(0))
    engine.generations[0].receive(Piece(" was sti"))

    async with asyncio.timeout(5):
        await teller.close(60, finishing_seconds=0.02)

    row = await store.passage(telling.passage.id)
    assert (row.state, row.text) == (PassageState.STOPPED, " was sti")


async def test_the_engine_learns_who_asks_and_on_which_server_so_that_it_can_be_fair(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still.", " And then.", " And so."])
    teller = storyteller(engine, store)
    begun = await teller.begin(ANNA, genre="horror", prompt="The lake")
    passage = await begun.finished()
    elsewhere = replace(ANNA, guild_id=77)
    await (await teller.go_on(elsewhere, passage.id)).finished()

    keys = [(request.user, request.group) for request in engine.requests]
    assert keys == [(ANNA.user_id, ANNA.guild_id), (ANNA.user_id, 77)]


async def test_closing_does_not_wait_longer_than_its_grace_for_a_model_that_hangs(store: StoryStore) -> None:
    engine = ScriptedEngine(deaf=True)
    teller = storyteller(engine, store)
    first = await teller.begin(ANNA, genre="horror", prompt="The lake")
    second = await teller.begin(BORIS, genre="horror", prompt="The sea")
    engine.generations[0].receive(Piece(" was sti"))

    async with asyncio.timeout(5):
        await teller.close(0.05)

    rows = [await store.passage(telling.passage.id) for telling in (first, second)]
    assert [(row.state, row.text) for row in rows] == [(PassageState.STOPPED, " was sti"), (PassageState.STOPPED, "")]


async def test_options_come_from_the_built_in_the_saved_the_preset_and_what_is_said_in_this_order(
    store: StoryStore,
) -> None:
    teller = storyteller(ScriptedEngine(), store)
    await store.save_overrides(ANNA.user_id, SamplingOverrides(temperature=0.5, top_k=9, max_new_tokens=300))

    options = await teller.options_for(ANNA, SamplingOverrides(top_p=0.5), "classic")

    classic = PRESETS["Classic"]
    assert options == SamplingOptions(
        max_new_tokens=300, temperature=classic.temperature or 0, top_k=classic.top_k or 0, top_p=0.5,
        repetition_penalty=classic.repetition_penalty or 0,
    )  # fmt: skip
    assert (await teller.options_for(ANNA)).temperature == 0.5
    assert await teller.options_for(BORIS) == SamplingOptions()


async def test_what_is_said_must_be_within_the_limits_and_what_was_saved_is_brought_into_them(
    store: StoryStore,
) -> None:
    teller = storyteller(ScriptedEngine(), store)
    await store.save_overrides(ANNA.user_id, SamplingOverrides(temperature=9.0))

    assert (await teller.options_for(ANNA)).temperature == 2.0
    with pytest.raises(InvalidOption):
        await teller.options_for(ANNA, SamplingOverrides(top_k=-1))
    with pytest.raises(UnknownPreset) as caught:
        await teller.options_for(ANNA, preset="Quiet")
    assert caught.value.known == tuple(PRESETS)


async def test_each_option_says_where_it_comes_from(store: StoryStore) -> None:
    teller = storyteller(ScriptedEngine(), store)
    await store.save_overrides(ANNA.user_id, SamplingOverrides(top_k=0))

    origins = {option.name: (option.value, option.origin) for option in await teller.origin_of_options(ANNA)}

    assert origins["top_k"] == (0, Origin.YOURS)
    assert origins["temperature"] == (SamplingOptions().temperature, Origin.BUILT_IN)


async def test_no_text_is_logged(store: StoryStore, caplog: pytest.LogCaptureFixture) -> None:
    teller = storyteller(ScriptedEngine([" SECRETWORD.", EngineFailed("SECRETWORD")]), store)

    with caplog.at_level(logging.DEBUG):
        telling = await teller.begin(ANNA, genre="horror", prompt="SECRETWORD", title="SECRETWORD")
        await telling.finished()
        failing = await teller.go_on(ANNA, telling.passage.id, "SECRETWORD")
        with pytest.raises(EngineFailed):
            await failing.finished()

    assert f"passage {telling.passage.id}" in caplog.text
    assert "SECRETWORD" not in caplog.text


async def test_a_persons_passage_can_be_gone_on_from_with_the_persons_own_options(store: StoryStore) -> None:
    engine = ScriptedEngine([" was still.", " was gone."])
    teller = storyteller(engine, store)
    first = await tell(teller)
    await store.save_overrides(ANNA.user_id, SamplingOverrides(top_k=3))

    second = await teller.retry(ANNA, first.passage.parent_id or 0)
    await second.finished()

    assert second.path[-1].author is Author.PERSON
    assert (engine.requests[1].prompt, engine.requests[1].options.top_k) == ("The lake", 3)

"""A crash while passages are written: what was shown is kept, and every row comes to an end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import Config
from bot.errors import NothingWritten
from bot.store import OpenAnswer, Passage, PassageState, StoryStore
from bot.storytelling.interrupted import end_interrupted
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller, Telling
from storygen.errors import EngineFailed
from storygen.generation import Piece
from tests.fakes.scripted_engine import ScriptedEngine

ADA = Teller(user_id=1, guild_id=None, channel_id=2)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


async def begun(store: StoryStore, prompt: str = "The lake") -> Telling:
    """Let Ada ask for a story of which no word comes before the crash."""
    return await Storyteller(ScriptedEngine(deaf=True), store, Config()).begin(ADA, genre="horror", prompt=prompt)


async def crashed(telling: Telling, store: StoryStore) -> Passage:
    """Let the bot be gone, as far as the store can tell, and give the passage as the next start leaves it."""
    (ended,) = await end_interrupted(store)
    telling.generation.receive(Piece("dropped"))
    return ended


async def test_words_that_were_shown_are_the_passage_after_a_crash(store: StoryStore) -> None:
    telling = await begun(store)
    await store.unfinished.keep_text(telling.passage.id, " was still, and")
    ended = await crashed(telling, store)
    story = await store.story(ended.story_id)
    assert (ended.state, ended.text) == (PassageState.STOPPED, " was still, and")
    assert (story.head_id, story.title) == (ended.id, "The lake was still, and")
    assert await store.waiting() == []


async def test_without_a_shown_word_the_passage_has_failed_after_a_crash(store: StoryStore) -> None:
    telling = await begun(store)
    ended = await crashed(telling, store)
    assert (ended.state, ended.text) == (PassageState.FAILED, "")
    assert (await store.story(ended.story_id)).head_id == ended.parent_id
    assert await end_interrupted(store) == []


async def test_a_story_that_began_with_the_models_words_gets_them_as_its_title(store: StoryStore) -> None:
    telling = await begun(store, prompt="")
    await store.unfinished.keep_text(telling.passage.id, "Nobody came. Then")
    assert (await store.story((await crashed(telling, store)).story_id)).title == "Nobody came. Then"


async def test_what_has_ended_is_not_changed_by_words_that_come_late(store: StoryStore) -> None:
    telling = await Storyteller(ScriptedEngine([" was still."]), store, Config()).begin(ADA, genre="horror", prompt="A")
    ended = await telling.finished()
    await store.unfinished.keep_text(ended.id, "something else")
    assert (await store.passage(ended.id)).text == ended.text == " was still."


@pytest.mark.parametrize("text", ["", " was still, and"])
async def test_a_model_that_stumbles_leaves_the_words_that_were_shown(store: StoryStore, text: str) -> None:
    engine = ScriptedEngine()
    telling = await Storyteller(engine, store, Config()).begin(ADA, genre="horror", prompt="The lake")
    telling.generation.receive(Piece(text))
    engine.answer(EngineFailed())
    with pytest.raises(EngineFailed):
        await telling.finished()
    stored = await store.passage(telling.passage.id)
    assert (stored.state, stored.text) == (PassageState.STOPPED if text else PassageState.FAILED, text)


async def test_what_is_no_text_is_not_kept_of_a_model_that_found_no_words(store: StoryStore) -> None:
    telling = await Storyteller(ScriptedEngine(["[1]", "[1]"]), store, Config()).begin(ADA, genre="horror", prompt="A")
    with pytest.raises(NothingWritten):
        await telling.finished()
    assert (await store.passage(telling.passage.id)).text == ""


async def test_the_messages_that_still_grow_are_known_until_they_show_the_end(store: StoryStore) -> None:
    telling = await begun(store)
    answer = OpenAnswer(passage_id=telling.passage.id, token="key", before_id=7)  # noqa: S106 - no secret
    await store.unfinished.open_answer(answer)
    await store.unfinished.open_answer(OpenAnswer(passage_id=99, token="key"))  # noqa: S106 - a passage that is gone
    assert await store.unfinished.open_answers() == [answer]
    await store.unfinished.close_answer(telling.passage.id)
    assert await store.unfinished.open_answers() == []


async def test_a_story_that_is_deleted_takes_the_key_to_its_message_with_it(store: StoryStore) -> None:
    telling = await begun(store)
    await store.unfinished.open_answer(OpenAnswer(passage_id=telling.passage.id, token="key"))  # noqa: S106
    await store.delete_story(telling.story.id)
    assert await store.unfinished.open_answers() == []

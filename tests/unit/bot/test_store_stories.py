import asyncio
import logging
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import DatabaseUnusable, PassageNotFound, StoryNotFound
from bot.store import Author, NewPassage, Passage, PassageState, StoreCounts, StoredStory, StoryStore
from bot.store import store as store_module
from bot.store.database import Database
from bot.store.searching import STORIES_OF
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason, Story

OWNER, STRANGER = 41, 42
OPTIONS = SamplingOptions(max_new_tokens=77, temperature=1.25, do_sample=False)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


def new(text: str = "", *, user_id: int = OWNER, seed: int = 5) -> NewPassage:
    return NewPassage(user_id=user_id, text=text, options=OPTIONS, seed=seed, model="tiny")


async def add_story(
    store: StoryStore, text: str = "", *, title: str = "", user_id: int = OWNER
) -> tuple[StoredStory, Passage]:
    return await store.add_story(
        new(text, user_id=user_id), guild_id=None, channel_id=9, genre="horror", title=title, private=False
    )


def written(text: str = " It began.", seed: int = 6) -> Story:
    return Story(
        text=text, finish_reason=FinishReason.EOS, seed=seed, model="tiny-2", prompt_tokens=3, new_tokens=4,
        prompt_was_cut=True, waiting_seconds=0.25, writing_seconds=1.5,
    )  # fmt: skip


async def finish(store: StoryStore, passage: Passage, text: str = " It began.") -> Passage:
    story = written(text)
    _, ended = await store.finish_passage(passage.id, text=text, state=PassageState.DONE, title="T", story=story)
    return ended


def files_with(folder: Path, word: bytes) -> list[str]:
    return [path.name for path in folder.iterdir() if word in path.read_bytes()]


async def test_a_new_story_has_the_persons_words_and_below_them_a_passage_that_waits(store: StoryStore) -> None:
    story, passage = await add_story(store, "The lake")

    person = await store.passage(passage.parent_id or 0)
    assert (person.author, person.text, person.state, person.user_id) == (
        Author.PERSON, "The lake", PassageState.DONE, OWNER,
    )  # fmt: skip
    assert (passage.author, passage.text, passage.state) == (Author.MODEL, "", PassageState.WAITING)
    assert (passage.options, passage.seed, passage.model) == (OPTIONS, 5, "tiny")
    assert story.head_id == person.id
    assert await store.story(story.id) == story
    assert await store.passage(passage.id) == passage


async def test_a_story_without_a_prompt_begins_with_the_models_passage(store: StoryStore) -> None:
    story, passage = await add_story(store)

    assert passage.parent_id is None
    assert story.head_id is None


async def test_a_finished_passage_has_text_state_and_figures_and_becomes_the_head(store: StoryStore) -> None:
    story, passage = await add_story(store, "The lake")

    done = await finish(store, passage)

    assert (done.text, done.state, done.finish_reason) == (" It began.", PassageState.DONE, FinishReason.EOS)
    assert (done.seed, done.model, done.prompt_tokens, done.new_tokens) == (6, "tiny-2", 3, 4)
    assert (done.prompt_was_cut, done.waiting_seconds, done.writing_seconds) == (True, 0.25, 1.5)
    assert done.finished_at is not None
    assert await store.passage(passage.id) == done
    assert (await store.story(story.id)).head_id == passage.id


async def test_a_title_is_given_once(store: StoryStore) -> None:
    untitled, first = await add_story(store, "a")
    titled, second = await add_story(store, "a", title="Typed")

    await finish(store, first)
    await finish(store, second)

    assert (await store.story(untitled.id)).title == "T"
    assert (await store.story(titled.id)).title == "Typed"


async def test_a_passage_that_failed_does_not_become_the_head(store: StoryStore) -> None:
    story, passage = await add_story(store, "The lake")

    after, failed = await store.finish_passage(passage.id, text="", state=PassageState.FAILED, title="The lake")

    assert (failed.state, failed.text, failed.finish_reason, failed.seed) == (PassageState.FAILED, "", None, 5)
    assert await store.story(story.id) == after
    assert (after.head_id, after.title) == (passage.parent_id, "The lake")


async def test_a_passage_ends_only_once(store: StoryStore) -> None:
    _, passage = await add_story(store)
    done = await finish(store, passage)

    with pytest.raises(PassageNotFound):
        await finish(store, passage, " Another text.")

    assert await store.passage(passage.id) == done


async def test_the_path_leads_from_the_beginning_through_one_branch_only(store: StoryStore) -> None:
    story, first = await add_story(store, "The lake")
    left = await store.add_passage(story.id, first.id, new())
    right = await store.add_passage(story.id, first.id, new("And then"))

    path = [passage.id for passage in await store.path_to(right.id)]

    assert path == [first.parent_id, first.id, right.parent_id, right.id]
    assert left.id not in path


async def test_a_passage_can_not_stand_below_a_passage_of_another_story(store: StoryStore) -> None:
    story, _ = await add_story(store)
    _, elsewhere = await add_story(store)

    with pytest.raises(sqlite3.IntegrityError):
        await store.add_passage(story.id, elsewhere.id, new("Words"))

    assert await store.counts() == StoreCounts(people=1, stories=2, passages=2)


async def test_nothing_can_be_added_to_a_story_that_is_gone(store: StoryStore) -> None:
    story, passage = await add_story(store)
    await store.delete_story(story.id)

    with pytest.raises(StoryNotFound):
        await store.add_passage(story.id, passage.id, new())
    with pytest.raises(PassageNotFound):
        await finish(store, passage)


@pytest.mark.parametrize("number", [0, -1, 999, 2**63 - 1, 2**63, 2**200])
async def test_an_id_that_nothing_has_is_not_found_however_large(store: StoryStore, number: int) -> None:
    with pytest.raises(StoryNotFound):
        await store.story(number)
    with pytest.raises(PassageNotFound):
        await store.passage(number)
    with pytest.raises(PassageNotFound):
        await store.path_to(number)
    with pytest.raises(StoryNotFound):
        await store.delete_story(number)
    await store.set_message(number, 1, 2)


async def test_the_message_that_shows_a_passage_is_remembered(store: StoryStore) -> None:
    _, passage = await add_story(store)

    await store.set_message(passage.id, 2**62, 2**62 + 1)

    shown = await store.passage(passage.id)
    assert (shown.channel_id, shown.message_id) == (2**62, 2**62 + 1)


async def test_stories_are_listed_by_when_they_were_written_to_last(
    store: StoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(1000, 2000))
    monkeypatch.setattr(store_module, "now", lambda: next(clock))
    old, passage = await add_story(store, "Old")
    young, _ = await add_story(store, "Young")
    assert [story.id for story in await store.stories_of(OWNER)] == [young.id, old.id]

    await finish(store, passage)

    assert [story.id for story in await store.stories_of(OWNER)] == [old.id, young.id]
    assert [story.id for story in await store.stories_of(OWNER, limit=1)] == [old.id]


async def test_stories_are_found_by_title_and_first_words_of_their_owner_only(store: StoryStore) -> None:
    lake, _ = await add_story(store, "The LAKE was still", title="Water")
    ship, _ = await add_story(store, "A ship", title="ÉTOILE")
    await add_story(store, "The lake was still", user_id=STRANGER)

    assert [story.id for story in await store.stories_of(OWNER, "lake")] == [lake.id]
    assert [story.id for story in await store.stories_of(OWNER, "étoi")] == [ship.id]
    assert await store.stories_of(OWNER, "nowhere") == []
    assert (await store.count_stories(OWNER), await store.count_stories(STRANGER)) == (2, 1)


@pytest.mark.parametrize("sign", ["%", "_", "\\", "\\%", "%%", "[a-z]", "'", '"', "*"])
async def test_signs_with_a_meaning_in_searches_stand_for_themselves(store: StoryStore, sign: str) -> None:
    await add_story(store, "nothing special", title="plain words")
    special, _ = await add_story(store, "b", title=f"before {sign} after")

    assert [story.id for story in await store.stories_of(OWNER, sign)] == [special.id]


@pytest.mark.parametrize("matching", ["\ud800", "x" * 100_000, "%" * 100_000, "\x00"])
async def test_a_search_for_anything_at_all_is_answered(store: StoryStore, matching: str) -> None:
    await add_story(store, "A ship")

    assert await store.stories_of(OWNER, matching) == []


async def test_the_list_of_a_persons_stories_uses_the_index(store: StoryStore) -> None:
    parameters = {"user_id": OWNER, "words": "", "limit": 25, "skipped": 0}
    plan = await store._database.read(f"EXPLAIN QUERY PLAN {STORIES_OF}", parameters)

    steps = [row["detail"] for row in plan]
    assert any("USING INDEX stories_by_owner" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)


async def test_sql_in_a_text_is_only_text(store: StoryStore) -> None:
    evil = "'); DROP TABLE stories; --"

    story, passage = await add_story(store, evil, title=evil)

    assert (await store.passage(passage.parent_id or 0)).text == evil
    assert [found.id for found in await store.stories_of(OWNER, evil)] == [story.id]


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)


@settings(max_examples=30, deadline=None)
@given(prompt=texts, text=texts, title=texts)
def test_whatever_is_stored_comes_back_as_it_was(prompt: str, text: str, title: str) -> None:
    async def round_trip(folder: Path) -> tuple[str, str, str]:
        async with StoryStore.open(folder / "s.sqlite3") as store:
            story, passage = await add_story(store, prompt, title=title)
            await finish(store, passage, text)
        async with StoryStore.open(folder / "s.sqlite3") as store:
            person, model = await store.path_to(passage.id)
            return person.text, model.text, (await store.story(story.id)).title

    with TemporaryDirectory() as folder:
        assert asyncio.run(round_trip(Path(folder))) == (prompt, text, title)


async def test_a_deleted_story_takes_all_its_passages_with_it_and_no_others(store: StoryStore) -> None:
    story, passage = await add_story(store, "The lake")
    _, other = await add_story(store, "The sea")
    await finish(store, passage)

    await store.delete_story(story.id)

    with pytest.raises(StoryNotFound):
        await store.story(story.id)
    with pytest.raises(PassageNotFound):
        await store.passage(passage.id)
    assert await store.counts() == StoreCounts(people=1, stories=1, passages=2)
    assert (await store.passage(other.id)).state is PassageState.WAITING


async def test_a_very_long_story_can_be_read_and_deleted(store: StoryStore) -> None:
    story, passage = await add_story(store)
    chain = """
        INSERT INTO passages (id, story_id, parent_id, author, user_id, state, created_at, finished_at)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
        SELECT :first + i, :story, :first + i - 1, 'model', 1, 'done', 1, 1 FROM n
    """
    await store._database.write(chain, {"first": passage.id, "story": story.id})

    assert len(await store.path_to(passage.id + 3000)) == 3001
    await store.delete_story(story.id)

    assert await store.counts() == StoreCounts(people=0, stories=0, passages=0)


async def test_an_id_is_never_given_twice(store: StoryStore) -> None:
    story, passage = await add_story(store)
    await store.delete_story(story.id)

    again, passage_again = await add_story(store)

    assert again.id > story.id
    assert passage_again.id > passage.id


async def test_a_deleted_text_is_nowhere_in_the_files(tmp_path: Path) -> None:
    async with StoryStore.open(tmp_path / "s.sqlite3") as store:
        story, passage = await add_story(store, "A very remarkable SECRETWORD")
        await finish(store, passage, " Another SECRETWORD.")
        assert files_with(tmp_path, b"SECRETWORD") != []

        await store.delete_story(story.id)

        assert files_with(tmp_path, b"SECRETWORD") == []


async def test_many_tasks_at_once_do_not_mix_their_writing(store: StoryStore) -> None:
    async def one(number: int) -> tuple[StoredStory, Passage]:
        story, passage = await add_story(store, f"prompt {number}", user_id=number + 1)
        await store.set_meta("last", str(number))
        await finish(store, passage, f" text {number}")
        return await store.story(story.id), await store.passage(passage.id)

    for number, (story, passage) in enumerate(await asyncio.gather(*(one(number) for number in range(50)))):
        assert (story.owner_id, story.head_id, passage.text) == (number + 1, passage.id, f" text {number}")
    assert await store.counts() == StoreCounts(people=50, stories=50, passages=100)


async def test_a_transaction_that_fails_takes_nobody_elses_write_with_it(store: StoryStore) -> None:
    story, _ = await add_story(store)
    _, elsewhere = await add_story(store)
    broken = store.add_passage(story.id, elsewhere.id, new("Words"))

    results = await asyncio.gather(broken, store.set_meta("kept", "yes"), return_exceptions=True)

    assert isinstance(results[0], sqlite3.IntegrityError)
    assert await store.get_meta("kept") == "yes"


@pytest.mark.parametrize("turns", range(12))
async def test_a_cancelled_writer_leaves_all_or_nothing_and_the_next_one_can_write(
    store: StoryStore, turns: int
) -> None:
    task = asyncio.create_task(add_story(store, "The lake"))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await add_story(store, "The sea")

    counts = await store.counts()
    assert (counts.stories, counts.passages) in {(1, 2), (2, 4)}


@pytest.mark.parametrize("turns", [1, 2, 3])
async def test_closing_waits_for_a_transaction_whose_asker_has_left(tmp_path: Path, turns: int) -> None:
    async with StoryStore.open(tmp_path / "s.sqlite3") as store:
        task = asyncio.create_task(add_story(store, "The lake"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()

    async with StoryStore.open(tmp_path / "s.sqlite3") as store:
        counts = await store.counts()
    assert (counts.stories, counts.passages) == (1, 2)


async def test_no_text_is_logged_at_any_level(store: StoryStore, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        _, passage = await add_story(store, "SECRETWORD")
        await finish(store, passage, "SECRETWORD")

    assert "SECRETWORD" not in caplog.text


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but somebody's notes\n" * 100)

    with pytest.raises(DatabaseUnusable, match="not a database"):
        await StoryStore.open(path).__aenter__()

    assert path.read_text() == "not a database, but somebody's notes\n" * 100


async def test_a_file_that_can_not_be_opened_leaves_no_thread_behind(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but somebody's notes\n" * 100)
    before = set(threading.enumerate())

    with pytest.raises(DatabaseUnusable):
        await Database.open(tmp_path / "notes.txt")

    for thread in set(threading.enumerate()) - before:
        await asyncio.to_thread(thread.join, 5)  # it ends right after it has answered
        assert not thread.is_alive()


async def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DatabaseUnusable):
        await StoryStore.open(tmp_path / "file" / "s.sqlite3").__aenter__()
    with pytest.raises(DatabaseUnusable):
        await StoryStore.open(tmp_path).__aenter__()


async def test_the_folder_is_made(tmp_path: Path) -> None:
    async with StoryStore.open(tmp_path / "a" / "b" / "s.sqlite3") as store:
        await store.set_meta("here", "yes")

    with closing(sqlite3.connect(tmp_path / "a" / "b" / "s.sqlite3")) as connection:
        assert connection.execute("SELECT value FROM meta").fetchall() == [("yes",)]


async def test_a_store_that_is_not_open_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await StoryStore(tmp_path / "s.sqlite3").counts()

"""After deleting, no byte of what was deleted is in the files."""

import asyncio
import logging
import os
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from bot.errors import StoryNotFound
from bot.store import ArchivePost, Forgotten, StoryStore, TitleOrigin, erasing
from bot.store.erasing import Eraser
from bot.store.migrate import known_migrations, migrate
from storygen.sampling import SamplingOverrides
from tests.fakes.stored_stories import CHANNEL, GUILD, asked, begun, ended, files_with, told, went_on

ANNA, BORIS = 0x0A5EC4E71D0B5EED, 0x0B0415BEEFCAFE01
ANNAS_ID = (ANNA.to_bytes(8, "big"), str(ANNA).encode())
SECRET = b"SECRETWORD"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


def chance_of(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - it only has to be the same every time


def words(chance: Random, owner_id: int, most: int) -> str:
    word = "SecretWord" if owner_id == ANNA else "plain-word"
    return " ".join(f"{word}{chance.randrange(10**6)}" for _ in range(chance.randint(1, most)))


async def a_life(store: StoryStore, chance: Random, owner_id: int, number: int) -> None:
    """Do all that leaves something in the database."""
    story, passage = await told(
        store, words(chance, owner_id, 40), " " + words(chance, owner_id, 200), owner_id=owner_id,
        title=words(chance, owner_id, 8),
    )  # fmt: skip
    await store.tree.set_memory(story.id, words(chance, owner_id, 40))
    await store.tree.rename(story.id, words(chance, owner_id, 8))
    await store.tree.replace_text(passage.id, words(chance, owner_id, 200), user_id=owner_id)
    if number < 15:
        await store.people.save_preset(owner_id, f"{words(chance, owner_id, 3)}", SamplingOverrides(top_k=3))


async def between_others(store: StoryStore) -> None:
    """Let Anna leave traces in a story of Boris."""
    story, passage = await told(store, "The sea", owner_id=BORIS)
    await store.readers.toggle_heart(story.id, ANNA, GUILD)
    await store.readers.report(story.id, passage.id, ANNA, GUILD, "SecretWord reason")
    await store.save_overrides(ANNA, SamplingOverrides(top_k=3))
    await store.people.set_keeps_history(ANNA, keeps=False)
    await for_servers(store, story.id, passage.id)


async def for_servers(store: StoryStore, story_id: int, passage_id: int) -> None:
    """Let Anna decide things for a server, and others decide about her stories."""
    report_id = await store.readers.report(story_id, passage_id, BORIS, GUILD, "plain")
    await store.archives.set_channel(GUILD, ANNA, CHANNEL)
    await store.archives.keep(
        ArchivePost(
            story_id=story_id, guild_id=GUILD, archive_id=CHANNEL, channel_id=CHANNEL, message_id=7,
            passage_id=passage_id, user_id=ANNA, stale=0, created_at=0,
        )
    )  # fmt: skip
    await store.review.dismiss(GUILD, report_id, ANNA)
    await store.review.purge(GUILD, ANNA, BORIS, [])
    await store.review.purge(GUILD + 1, None, ANNA, [])


async def presets_that_come_and_go(store: StoryStore, chance: Random) -> None:
    """Let rows of many sizes push each other from page to page, which leaves traces of them behind."""
    for number in range(250):
        owner_id = chance.choice([ANNA, BORIS])
        names = list(await store.people.presets_of(owner_id))
        if len(names) > 15:
            await store.people.delete_preset(owner_id, chance.choice(names))
        await store.people.save_preset(owner_id, words(chance, owner_id, 30), SamplingOverrides(top_k=number % 200))


async def test_a_person_who_is_forgotten_is_nowhere_in_the_files(tmp_path: Path, store: StoryStore) -> None:
    chance = chance_of(5)
    for number in range(60):
        await a_life(store, chance, ANNA if number % 2 else BORIS, number)
        if number == 30:
            await store.delete_story((await store.stories_of(ANNA))[0].id)
    await between_others(store)
    await presets_that_come_and_go(store, chance)
    assert files_with(tmp_path, SECRET) != []

    forgotten = await store.people.forget(ANNA, words_in_others=True)

    assert forgotten == Forgotten(stories=29, passages_elsewhere=0)
    assert files_with(tmp_path, SECRET, *ANNAS_ID) == []
    assert {name: value for name, value in (await store.people.everything_of(ANNA)).items() if value} == {
        "user_id": ANNA, "keeps_history": True,
    }  # fmt: skip
    assert await store.count_stories(BORIS) == 31
    assert len(await store.people.presets_of(BORIS)) > 0


async def test_what_they_typed_in_others_stories_goes_too_if_they_want_it(tmp_path: Path, store: StoryStore) -> None:
    _, passage = await told(store, "SecretWord lake", " froze.", owner_id=ANNA, title="SecretWord title")
    edited = await store.tree.replace_text(passage.id, " SecretWord edit.")
    for title in ("SecretWord title", "SecretWord lake"):
        branch = await store.tree.copy_path(
            edited.id, owner_id=BORIS, guild_id=GUILD, channel_id=CHANNEL, private=False, title=title
        )
    last = await store.add_passage(branch.id, branch.head_id, asked("SecretWord again", ANNA))
    await ended(store, last, " And so on.")

    assert await store.people.forget(ANNA, words_in_others=True) == Forgotten(stories=1, passages_elsewhere=6)

    assert files_with(tmp_path, SECRET, *ANNAS_ID) == []
    kept = await store.story(branch.id)
    assert (kept.title, kept.title_origin, kept.titled_by) == ("", TitleOrigin.TEXT, None)
    assert [each.text for each in await store.path_to(last.id)] == ["", "", "", " And so on."]
    assert {each.user_id for each in await store.passages_of(branch.id)} == {0}


async def test_else_their_words_stay_in_others_stories_without_saying_whose_they_are(
    tmp_path: Path, store: StoryStore
) -> None:
    _, passage = await told(store, "Their lake", " froze.", owner_id=ANNA, title="Their title")
    branch = await store.tree.copy_path(
        passage.id, owner_id=BORIS, guild_id=GUILD, channel_id=CHANNEL, private=False, title="Their title"
    )

    assert await store.people.forget(ANNA, words_in_others=False) == Forgotten(stories=1, passages_elsewhere=2)

    assert files_with(tmp_path, *ANNAS_ID) == []
    kept = await store.story(branch.id)
    assert (kept.title, kept.titled_by) == ("Their title", 0)
    assert [(each.text, each.user_id) for each in await store.path_to(branch.head_id or 0)] == [
        ("Their lake", 0), (" froze.", 0),
    ]  # fmt: skip


async def test_a_title_that_the_branchs_owner_typed_stays(store: StoryStore) -> None:
    _, passage = await told(store, "Their lake", owner_id=ANNA)
    branch = await store.tree.copy_path(
        passage.id, owner_id=BORIS, guild_id=GUILD, channel_id=CHANNEL, private=False, title="Their lake"
    )
    await store.tree.rename(branch.id, "Mine")

    await store.people.forget(ANNA, words_in_others=True)

    kept = await store.story(branch.id)
    assert (kept.title, kept.title_origin, kept.titled_by) == ("Mine", TitleOrigin.TYPED, BORIS)


async def test_the_way_goes_on_past_words_that_were_taken_back(store: StoryStore) -> None:
    story, first = await told(store, owner_id=BORIS)
    waiting = await store.add_passage(story.id, first.id, asked("Anna's words", ANNA))
    last = await ended(store, waiting, " And so on.")

    await store.people.forget(ANNA, words_in_others=True)

    assert (await store.tree.child_of(first.id) or first).id == last.id
    assert await store.stories_of(BORIS, "anna") == []


async def test_everybody_elses_things_stay(store: StoryStore) -> None:
    await a_life(store, chance_of(1), BORIS, 1)
    await told(store, "The lake", owner_id=ANNA)
    before = await store.people.everything_of(BORIS)

    await store.people.forget(ANNA, words_in_others=True)

    assert await store.people.everything_of(BORIS) == before


@pytest.mark.parametrize("seed", range(3))
async def test_a_deleted_story_is_nowhere_in_the_files(tmp_path: Path, store: StoryStore, seed: int) -> None:
    chance = chance_of(seed)
    for number in range(40):
        await a_life(store, chance, BORIS, number)
        story, passage = await told(store, "SecretWord " * 20, " SecretWord", owner_id=BORIS, title="SecretWord")
        for _ in range(chance.randint(0, 3)):
            await store.tree.set_memory(story.id, "SecretWord " * chance.randint(0, 40))
            await store.tree.replace_text(passage.id, "SecretWord " * chance.randint(1, 500))
        await store.delete_story(story.id) if number % 4 == 3 else None

    left = await store.stories_of(BORIS, "secretword", limit=100)
    await asyncio.gather(*(store.delete_story(story.id) for story in left))

    assert files_with(tmp_path, SECRET) == []
    assert await store.count_stories(BORIS) == 40


def version_1_file(path: Path) -> Path:
    migrate(path, known_migrations()[:1])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO stories VALUES (7, ?, NULL, 9, 'horror', 'SecretWord lake', NULL, 0, 100, 100)", (ANNA,)
        )
        connection.commit()
    return path


@pytest.mark.parametrize("name", ["s.sqlite3", "s[1]*.sqlite3"])
async def test_copies_that_were_made_before_a_migration_go_as_well(tmp_path: Path, name: str) -> None:
    (tmp_path / "other.sqlite3.version-1.x.backup").write_text("somebody else's")
    async with StoryStore.open(version_1_file(tmp_path / name)) as store:
        assert len(files_with(tmp_path, SECRET)) >= 2
        await store.people.forget(ANNA, words_in_others=False)

        assert files_with(tmp_path, SECRET, *ANNAS_ID) == []
    assert set(os.listdir(tmp_path)) == {name, "other.sqlite3.version-1.x.backup"}  # noqa: PTH208


async def test_stories_without_a_history_are_erased_at_the_latest_when_the_bot_stops(tmp_path: Path) -> None:
    async with StoryStore.open(tmp_path / "s.sqlite3") as store:
        chance = chance_of(3)
        for number in range(30):
            await a_life(store, chance, ANNA if number % 2 else BORIS, number)
        for preset in await store.people.presets_of(ANNA):
            await store.people.delete_preset(ANNA, preset)
        assert await store.people.forget_other_stories(ANNA, None) == 15
        assert await store.people.forget_other_stories(ANNA, None) == 0

    assert files_with(tmp_path, SECRET, *ANNAS_ID) == []


async def test_many_deletions_at_once_are_erased_together(
    tmp_path: Path, store: StoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = [(await told(store, "SecretWord"))[0] for _ in range(10)]
    times = 0
    write_anew = Eraser._write_anew

    async def counted(eraser: Eraser) -> None:
        nonlocal times
        times += 1
        await write_anew(eraser)

    monkeypatch.setattr(Eraser, "_write_anew", counted)
    await asyncio.gather(*(store.delete_story(story.id) for story in stories))

    assert times < len(stories)
    assert files_with(tmp_path, SECRET) == []


async def test_what_could_not_be_erased_is_erased_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def disk_full(_: Eraser) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async with StoryStore.open(tmp_path / "s.sqlite3") as store:
        story, _ = await told(store, "SecretWord")
        with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
            broken.setattr(Eraser, "_write_anew", disk_full)
            await store.delete_story(story.id)
            with pytest.raises(StoryNotFound):
                await store.story(story.id)
        assert "full" in caplog.text
        assert await store.get_meta("erase") is not None

    async with StoryStore.open(tmp_path / "s.sqlite3") as store:
        assert await store.get_meta("erase") is None


@pytest.mark.parametrize("turns", [1, 2, 5, 20])
async def test_a_deletion_goes_on_when_whoever_asked_for_it_has_left(
    tmp_path: Path, store: StoryStore, turns: int
) -> None:
    story, _ = await told(store, "SecretWord")
    task = asyncio.create_task(store.delete_story(story.id))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await store._erasing.close()

    assert await store.get_meta("erase") is None
    assert files_with(tmp_path, SECRET) == []


async def test_the_store_can_be_used_while_it_is_erased(store: StoryStore) -> None:
    story, _ = await told(store, "The lake")
    kept, first = await told(store, "The sea")

    _, _, below = await asyncio.gather(store.delete_story(story.id), begun(store, "A ship"), went_on(store, first))

    assert [each.text for each in await store.path_to(below.id)] == ["The sea", " It began.", " It went on."]
    assert (await store.story(kept.id)).head_id == below.id
    assert [each.title for each in await store.stories_of(kept.owner_id, "a SHIP")] == [""]


async def test_reading_goes_on_while_the_files_are_written_anew(
    store: StoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, _ = await told(store, "The lake")
    kept, _ = await told(store, "The sea")
    begins, may_end = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slowly(_: Path) -> None:
        loop.call_soon_threadsafe(begins.set)
        may_end.wait(10)

    monkeypatch.setattr(erasing, "_write_anew", slowly)
    task = asyncio.create_task(store.delete_story(story.id))
    await begins.wait()

    assert await store.story(kept.id) == kept
    may_end.set()
    await task

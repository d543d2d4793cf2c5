"""Two press at the same moment: the data is right, and each gets a result or a sentence."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bot.config import Config
from bot.errors import BotError
from bot.sentences import sentence_for
from bot.store import Passage, StoryStore
from bot.storytelling.joining import joined
from bot.storytelling.story_editor import ShownPassage, StoryEditor
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller
from storygen.genre import ORIGINAL_GENRES
from tests.fakes.scripted_engine import ScriptedEngine
from tests.fakes.stored_stories import CHANNEL, GUILD, OWNER, READER, told, went_on

ANNA = Teller(user_id=OWNER, guild_id=GUILD, channel_id=CHANNEL)
BORIS = Teller(user_id=READER, guild_id=GUILD, channel_id=CHANNEL)

Acts = dict[str, Callable[[Passage], Awaitable[Any]]]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


@pytest.fixture
async def storyteller(store: StoryStore) -> AsyncIterator[Storyteller]:
    storyteller = Storyteller(ScriptedEngine([" New words."] * 50), store, Config())
    yield storyteller
    await storyteller.close(1.0)


@pytest.fixture
def editor(store: StoryStore, storyteller: Storyteller) -> StoryEditor:
    return StoryEditor(store, storyteller, ORIGINAL_GENRES)


async def is_sound(store: StoryStore, story_id: int) -> None:
    """See that the story's end is a passage with text to which all chosen ways lead."""
    story = await store.story(story_id)
    path = await store.path_to(story.head_id or 0)
    assert all(passage.text and passage.story_id == story_id for passage in path)
    assert [above.chosen_child_id for above in path[:-1]] == [below.id for below in path[1:]]
    for passage in await store.passages_of(story_id):
        below = passage.chosen_child_id and await store.passage(passage.chosen_child_id)
        assert not below or below.parent_id == passage.id


def everybodys_acts(storyteller: Storyteller, editor: StoryEditor) -> Acts:
    async def goes_on(passage: Passage) -> Passage:
        return await (await storyteller.go_on(ANNA, passage.id)).finished()

    return {
        "undo": lambda passage: editor.undo(OWNER, passage.id),
        "redo": lambda passage: editor.redo(OWNER, passage.id),
        "version": lambda passage: editor.show_version(OWNER, passage.id, 0),
        "edit": lambda passage: editor.edit(OWNER, passage.id, "Other words."),
        "write": lambda passage: editor.write(ANNA, passage.id, "My words."),
        "go on": goes_on,
        "rename": lambda passage: editor.rename(OWNER, passage.story_id, "Mine"),
        "delete": lambda passage: storyteller.delete(OWNER, passage.story_id),
        "branch": lambda passage: editor.branch(BORIS, passage.id, private=False),
        "heart": lambda passage: editor.heart(BORIS, passage.story_id),
        "report": lambda passage: editor.report(BORIS, passage.id, "rude"),
        "stranger": lambda passage: editor.edit(READER, passage.id, "Theirs."),
    }


NAMES = (
    "undo", "redo", "version", "edit", "write", "go on", "rename", "delete", "branch", "heart", "report", "stranger",
)  # fmt: skip


@pytest.mark.parametrize("first", NAMES)
async def test_any_two_presses_at_once_leave_a_sound_story(
    store: StoryStore, storyteller: Storyteller, editor: StoryEditor, first: str
) -> None:
    acts = everybodys_acts(storyteller, editor)
    for second in NAMES:
        story, root = await told(store, "The lake")
        passage = await went_on(store, root, " It froze.")
        await went_on(store, root, " It boiled.")
        await went_on(store, passage, " It cracked.")

        results = await asyncio.gather(acts[first](passage), acts[second](passage), return_exceptions=True)

        for result in results:
            assert not isinstance(result, BaseException) or (isinstance(result, BotError) and sentence_for(result))
        if "delete" in {first, second}:
            assert await store.passages_of(story.id) == []
        else:
            await is_sound(store, story.id)
    for story in await store.stories_of(READER):
        await is_sound(store, story.id)


async def test_of_two_edits_at_once_both_texts_are_kept(store: StoryStore, editor: StoryEditor) -> None:
    _, passage = await told(store, "The lake")

    await asyncio.gather(editor.edit(OWNER, passage.id, "One."), editor.edit(OWNER, passage.id, "Two."))

    shown = await editor.shown(passage.id)
    texts = {(await store.passage(version)).text for version in shown.versions}
    assert texts == {" It began.", " One.", " Two."}
    assert joined(shown.path) in {"The lake One.", "The lake Two."}


async def test_two_passages_written_at_once_are_two_versions(store: StoryStore, editor: StoryEditor) -> None:
    _, passage = await told(store)

    shown: list[ShownPassage] = await asyncio.gather(
        *(editor.write(ANNA, passage.id, words) for words in ("One", "Two"))
    )

    assert {each.passage.text for each in shown} == {"One", "Two"}
    assert len((await editor.shown(shown[0].passage.id)).versions) == 2


async def test_a_heart_pressed_twice_at_once_is_taken_back(store: StoryStore, editor: StoryEditor) -> None:
    story, _ = await told(store)

    states = await asyncio.gather(*(editor.heart(BORIS, story.id) for _ in range(2)))

    assert sorted((state.given, state.count) for state in states) == [(False, 0), (True, 1)]
    assert await store.readers.hearts(story.id) == 0


async def test_many_readers_hearts_all_count(store: StoryStore, editor: StoryEditor) -> None:
    story, _ = await told(store)
    readers = [Teller(user_id=1000 + number, guild_id=GUILD, channel_id=CHANNEL) for number in range(30)]

    await asyncio.gather(*(editor.heart(reader, story.id) for reader in readers))

    assert await store.readers.hearts(story.id) == 30


@pytest.mark.parametrize(("first", "second"), [*product(["undo", "write", "edit"], repeat=2)])
async def test_the_story_can_go_on_after_two_presses_at_once(
    store: StoryStore, storyteller: Storyteller, editor: StoryEditor, first: str, second: str
) -> None:
    acts = everybodys_acts(storyteller, editor)
    story, passage = await told(store, "The lake")
    await asyncio.gather(acts[first](passage), acts[second](passage), return_exceptions=True)

    telling = await storyteller.go_on(ANNA, (await store.story(story.id)).head_id or 0)
    await telling.finished()

    assert joined(await store.path_to(telling.passage.id)).endswith("New words.")
    await is_sound(store, story.id)

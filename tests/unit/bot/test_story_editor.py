"""What people do to a story without the model."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot.config import Config
from bot.errors import (
    BotError,
    EmptyText,
    MemoryTooLong,
    NothingToRedo,
    NothingToUndo,
    NotYours,
    OwnHeart,
    PassageNotFound,
    PassageUnfinished,
    PromptTooLong,
    StoryEmpty,
    StoryNotFound,
)
from bot.sentences import sentence_for
from bot.store import HeartState, StoryStore, TitleOrigin
from bot.storytelling.joining import joined
from bot.storytelling.story_editor import EDIT_LENGTH, MEMORY_LENGTH, REASON_LENGTH, StoryEditor
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller
from storygen.errors import UnknownGenre
from storygen.genre import ORIGINAL_GENRES
from tests.fakes.scripted_engine import ScriptedEngine
from tests.fakes.stored_stories import CHANNEL, GUILD, OWNER, READER, STRANGER, asked, ended, told, went_on

ANNA = Teller(user_id=OWNER, guild_id=GUILD, channel_id=CHANNEL)
BORIS = Teller(user_id=READER, guild_id=GUILD, channel_id=CHANNEL + 1)
FAR_AWAY = Teller(user_id=STRANGER, guild_id=None, channel_id=99)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


@pytest.fixture
def editor(store: StoryStore) -> StoryEditor:
    return StoryEditor(store, Storyteller(ScriptedEngine([]), store, Config()), ORIGINAL_GENRES)


async def text_of(store: StoryStore, story_id: int) -> str:
    return joined(await store.path_to((await store.story(story_id)).head_id or 0))


async def test_a_passage_is_shown_with_its_place_among_versions(store: StoryStore, editor: StoryEditor) -> None:
    story, first = await told(store, "The lake")
    one = await went_on(store, first, " One.", "Then")
    two = await ended(store, await store.add_passage(story.id, one.parent_id, asked()), " Two.")

    shown = await editor.shown(one.id)

    assert (shown.passage, shown.story.id, shown.lead, shown.hearts) == (one, story.id, "Then", 0)
    assert [each.text for each in shown.path] == ["The lake", " It began.", "Then", " One."]
    assert (shown.versions, shown.place, shown.can_redo, shown.can_undo) == ([one.id, two.id], 0, False, True)
    assert (await editor.shown(first.id)).can_redo
    assert not (await editor.shown(first.parent_id or 0)).can_undo


async def test_undo_and_redo_go_up_and_down_and_end_at_both_ends(store: StoryStore, editor: StoryEditor) -> None:
    story, first = await told(store, "The lake", " froze.")
    last = await went_on(store, first, " It cracked.")

    shown = await editor.undo(OWNER, last.id)
    assert (shown.passage.id, shown.story.head_id, shown.can_redo) == (first.id, first.id, True)
    shown = await editor.undo(OWNER, first.id)
    assert await text_of(store, story.id) == "The lake"
    with pytest.raises(NothingToUndo):
        await editor.undo(OWNER, shown.passage.id)
    shown = await editor.redo(OWNER, shown.passage.id)
    shown = await editor.redo(OWNER, shown.passage.id)
    assert (shown.passage.id, shown.can_redo) == (last.id, False)
    with pytest.raises(NothingToRedo):
        await editor.redo(OWNER, last.id)
    assert await text_of(store, story.id) == "The lake froze. It cracked."


async def test_redo_goes_the_way_that_was_undone(store: StoryStore, editor: StoryEditor) -> None:
    _, first = await told(store)
    old = await went_on(store, first, " Old.")
    await went_on(store, first, " New.")

    await editor.undo(OWNER, old.id)
    assert (await editor.redo(OWNER, first.id)).passage.text == " New."
    await editor.show_version(OWNER, old.id, 0)
    await editor.undo(OWNER, old.id)
    assert (await editor.redo(OWNER, first.id)).passage.text == " Old."


async def test_undo_passes_over_what_has_no_text(store: StoryStore, editor: StoryEditor) -> None:
    _, first = await told(store, "The lake")
    failed = await went_on(store, first, "")

    assert (await editor.undo(OWNER, failed.id)).passage.id == first.id


@pytest.mark.parametrize(
    ("place", "text"), [(0, " It began."), (1, " Two."), (2, " Three."), (99, " Three."), (-5, " It began.")]
)
async def test_a_version_is_chosen_by_its_place_or_the_nearest(
    store: StoryStore, editor: StoryEditor, place: int, text: str
) -> None:
    story, first = await told(store)
    for other in (" Two.", " Three."):
        await ended(store, await store.add_passage(story.id, None, asked()), other)

    shown = await editor.show_version(OWNER, first.id, place)

    assert shown.passage.text == text
    assert shown.place == shown.versions.index(shown.passage.id) == min(max(place, 0), 2)
    assert shown.story.head_id == shown.passage.id


async def test_a_passage_that_failed_is_a_place_among_versions_but_no_end(
    store: StoryStore, editor: StoryEditor
) -> None:
    _, first = await told(store)
    one = await went_on(store, first, " One.")
    failed = await went_on(store, first, "")
    two = await went_on(store, first, " Two.")

    assert (await editor.shown(failed.id)).versions == [one.id, failed.id, two.id]
    shown = await editor.show_version(OWNER, failed.id, 1)
    assert (shown.passage.id, shown.story.head_id) == (failed.id, two.id)
    assert (await editor.show_version(OWNER, failed.id, 0)).story.head_id == one.id


async def test_a_title_of_first_words_follows_another_beginning(store: StoryStore, editor: StoryEditor) -> None:
    story, first = await told(store, text=" The lake froze.")
    other = await ended(store, await store.add_passage(story.id, None, asked()), " A ship sank.")

    assert (await editor.show_version(OWNER, first.id, 1)).story.title == "A ship sank."
    assert (await editor.edit(OWNER, other.id, "A storm came.")).story.title == "A storm came."
    await editor.rename(OWNER, story.id, "Mine")
    assert (await editor.show_version(OWNER, first.id, 0)).story.title == "Mine"


async def test_an_edit_is_cleaned_and_keeps_the_space_that_parts_it(store: StoryStore, editor: StoryEditor) -> None:
    _, first = await told(store, "The lake", " was still.")
    below = await went_on(store, first, " It froze.")

    shown = await editor.edit(OWNER, first.id, "<BOS>  was <horror> deep.")

    assert (shown.passage.text, shown.passage.edited, shown.place) == (" was deep.", True, 0)
    assert len(shown.versions) == 2
    assert shown.story.head_id == below.id
    assert await text_of(store, shown.story.id) == "The lake was deep. It froze."
    assert (await editor.edit(OWNER, first.id, ", deep.")).passage.text == ", deep."
    assert (await editor.edit(OWNER, first.parent_id or 0, "A sea")).passage.text == "A sea"
    assert await text_of(store, shown.story.id) == "A sea, deep. It froze."


async def test_a_form_sent_off_as_it_was_changes_nothing(store: StoryStore, editor: StoryEditor) -> None:
    _, first = await told(store, "The lake", " was still.")

    shown = await editor.edit(OWNER, first.id, "was still.")

    assert (shown.passage, shown.versions) == (first, [first.id])


async def test_words_for_a_passage_that_failed_begin_with_a_space(store: StoryStore, editor: StoryEditor) -> None:
    _, first = await told(store)
    failed = await went_on(store, first, "")

    assert (await editor.edit(OWNER, failed.id, "Then night.")).passage.text == " Then night."
    _, beginning = await told(store, "", "")
    assert (await editor.edit(OWNER, beginning.id, "The lake")).passage.text == "The lake"


async def test_own_words_are_a_passage_below(store: StoryStore, editor: StoryEditor) -> None:
    story, first = await told(store, "The lake", " froze.")
    failed = await went_on(store, first, "")

    shown = await editor.write(ANNA, failed.id, "And I ran.")

    assert (shown.passage.parent_id, shown.passage.user_id, shown.story.head_id) == (first.id, OWNER, shown.passage.id)
    assert await text_of(store, story.id) == "The lake froze. And I ran."


async def test_the_first_own_words_of_a_story_that_failed_begin_it(store: StoryStore, editor: StoryEditor) -> None:
    story, failed = await told(store, "", "")

    shown = await editor.write(ANNA, failed.id, "The lake")

    assert (shown.passage.parent_id, shown.story.title) == (None, "The lake")
    assert await text_of(store, story.id) == "The lake"


@pytest.mark.parametrize("text", ["", "   ", "<BOS><EOS>", "\n\t", "\u200b", "< horror >"])
async def test_words_without_any_are_refused(store: StoryStore, editor: StoryEditor, text: str) -> None:
    story, first = await told(store)

    for refused in (
        editor.edit(OWNER, first.id, text),
        editor.write(ANNA, first.id, text),
        editor.rename(OWNER, story.id, text),
    ):
        with pytest.raises(EmptyText):
            await refused
    assert await store.passages_of(story.id) == [first]


async def test_lengths_have_limits(store: StoryStore, editor: StoryEditor) -> None:
    story, first = await told(store)

    assert len((await editor.write(ANNA, first.id, "x" * EDIT_LENGTH)).passage.text) == EDIT_LENGTH
    for refused in (
        editor.edit(OWNER, first.id, "x" * (EDIT_LENGTH + 1)),
        editor.write(ANNA, first.id, "x" * (EDIT_LENGTH + 1)),
    ):
        with pytest.raises(PromptTooLong):
            await refused
    assert len((await editor.set_memory(OWNER, story.id, "x" * MEMORY_LENGTH)).memory) == MEMORY_LENGTH
    with pytest.raises(MemoryTooLong) as caught:
        await editor.set_memory(OWNER, story.id, "x" * (MEMORY_LENGTH + 1))
    assert (caught.value.length, caught.value.limit) == (MEMORY_LENGTH + 1, MEMORY_LENGTH)
    assert len((await editor.rename(OWNER, story.id, "x" * 500)).title) == 100


async def test_title_memory_and_genre_are_cleaned_checked_and_kept(store: StoryStore, editor: StoryEditor) -> None:
    story, _ = await told(store)

    renamed = await editor.rename(OWNER, story.id, " The <EOS>\nLake ")
    assert (renamed.title, renamed.title_origin) == ("The Lake", TitleOrigin.TYPED)
    assert (await editor.set_memory(OWNER, story.id, "It is <BOS>cold")).memory == "It is cold"
    assert (await editor.set_memory(OWNER, story.id, "")).memory == ""
    assert (await editor.change_genre(OWNER, story.id, "drama")).genre == "drama"
    with pytest.raises(UnknownGenre):
        await editor.change_genre(OWNER, story.id, "Drama'; --")


async def test_a_reader_branches_what_they_may_read_into_a_story_of_their_own(
    store: StoryStore, editor: StoryEditor
) -> None:
    story, first = await told(store, "The lake", title="Water")
    last = await went_on(store, first)

    shown = await editor.branch(BORIS, first.id, private=True)

    assert (shown.story.owner_id, shown.story.private, shown.story.title) == (READER, True, "Water")
    assert (shown.story.branched_from, shown.story.channel_id) == (story.id, BORIS.channel_id)
    assert shown.story.head_id == shown.passage.id != first.id
    assert [each.text for each in shown.path] == ["The lake", " It began."]
    assert (await store.story(story.id)).head_id == last.id
    await editor.edit(READER, shown.passage.id, "Other.")
    assert (await store.passage(first.id)).text == " It began."
    with pytest.raises(NotYours):
        await editor.branch(FAR_AWAY, first.id, private=False)


async def test_a_branch_of_nothing_is_refused(store: StoryStore, editor: StoryEditor) -> None:
    _, failed = await told(store, "", "")

    with pytest.raises(StoryEmpty):
        await editor.branch(ANNA, failed.id, private=False)


async def test_readers_give_hearts_but_not_to_themselves_or_from_afar(store: StoryStore, editor: StoryEditor) -> None:
    story, first = await told(store)

    assert await editor.heart(BORIS, story.id) == HeartState(given=True, count=1)
    assert (await editor.shown(first.id)).hearts == 1
    assert await editor.heart(BORIS, story.id) == HeartState(given=False, count=0)
    with pytest.raises(OwnHeart):
        await editor.heart(ANNA, story.id)
    with pytest.raises(NotYours):
        await editor.heart(FAR_AWAY, story.id)


async def test_sharing_makes_a_story_public(store: StoryStore, editor: StoryEditor) -> None:
    story, _ = await told(store, private=True)

    with pytest.raises(NotYours):
        await editor.heart(BORIS, story.id)
    assert not (await editor.share(ANNA, story.id)).private
    assert (await editor.heart(BORIS, story.id)).given


async def test_a_report_is_kept_cleaned_and_within_its_limit(store: StoryStore, editor: StoryEditor) -> None:
    _, first = await told(store)

    await editor.report(BORIS, first.id, "rude\x00 " + "x" * 1000)

    (report,) = await store.readers.open_reports(GUILD)
    assert (report.passage_id, report.reporter_id, len(report.reason)) == (first.id, READER, REASON_LENGTH)
    assert report.reason.startswith("rude xxx")
    with pytest.raises(NotYours):
        await editor.report(FAR_AWAY, first.id, "x")


class At(NamedTuple):
    story: int
    passage: int


Act = Callable[[StoryEditor, At], Awaitable[Any]]
OWNERS_ACTS: dict[str, Act] = {
    "undo": lambda editor, at: editor.undo(READER, at.passage),
    "redo": lambda editor, at: editor.redo(READER, at.passage),
    "version": lambda editor, at: editor.show_version(READER, at.passage, 0),
    "edit": lambda editor, at: editor.edit(READER, at.passage, "Mine"),
    "write": lambda editor, at: editor.write(BORIS, at.passage, "Mine"),
    "rename": lambda editor, at: editor.rename(READER, at.story, "Mine"),
    "memory": lambda editor, at: editor.set_memory(READER, at.story, "Mine"),
    "genre": lambda editor, at: editor.change_genre(READER, at.story, "drama"),
    "share": lambda editor, at: editor.share(BORIS, at.story),
}
READERS_ACTS: dict[str, Act] = {
    "branch": lambda editor, at: editor.branch(BORIS, at.passage, private=False),
    "heart": lambda editor, at: editor.heart(BORIS, at.story),
    "report": lambda editor, at: editor.report(BORIS, at.passage, "rude"),
}


@pytest.mark.parametrize("act", OWNERS_ACTS)
async def test_what_is_the_owners_is_refused_to_everybody_else(
    store: StoryStore, editor: StoryEditor, act: str
) -> None:
    story, first = await told(store, "The lake")
    before = (await store.story(story.id), await store.passages_of(story.id))

    with pytest.raises(NotYours) as caught:
        await OWNERS_ACTS[act](editor, At(story.id, first.id))

    assert caught.value.owner_id == OWNER
    assert (await store.story(story.id), await store.passages_of(story.id)) == before


@pytest.mark.parametrize("act", [*OWNERS_ACTS, *READERS_ACTS])
async def test_an_old_button_of_a_deleted_story_gets_a_sentence(
    store: StoryStore, editor: StoryEditor, act: str
) -> None:
    story, first = await told(store, owner_id=READER)
    await store.delete_story(story.id)

    with pytest.raises((StoryNotFound, PassageNotFound)) as caught:
        await (OWNERS_ACTS | READERS_ACTS)[act](editor, At(story.id, first.id))
    assert "deleted" in (sentence_for(caught.value) or "")


@pytest.mark.parametrize("act", READERS_ACTS)
async def test_a_private_story_is_nobody_elses(store: StoryStore, editor: StoryEditor, act: str) -> None:
    story, first = await told(store, private=True)

    with pytest.raises(NotYours):
        await READERS_ACTS[act](editor, At(story.id, first.id))


@pytest.mark.parametrize("act", ["undo", "redo", "version", "edit", "write"])
async def test_nothing_moves_while_the_story_is_being_written(store: StoryStore, editor: StoryEditor, act: str) -> None:
    story, first = await told(store, "The lake", owner_id=READER)
    last = await went_on(store, first, user_id=READER)
    waiting = await store.add_passage(story.id, last.id, asked(user_id=READER))
    before = (await store.story(story.id), await store.passages_of(story.id))

    for passage in (first, waiting):
        with pytest.raises(PassageUnfinished):
            await OWNERS_ACTS[act](editor, At(story.id, passage.id))

    assert (await store.story(story.id), await store.passages_of(story.id)) == before


async def test_a_branch_can_be_made_of_what_is_there_while_the_story_is_being_written(
    store: StoryStore, editor: StoryEditor
) -> None:
    story, first = await told(store)
    waiting = await store.add_passage(story.id, first.id, asked())

    assert len((await editor.branch(BORIS, first.id, private=False)).path) == 1
    with pytest.raises(PassageUnfinished):
        await editor.branch(BORIS, waiting.id, private=False)


@pytest.mark.parametrize(
    "error",
    [NothingToUndo(), NothingToRedo(), EmptyText(), MemoryTooLong(501, 500), OwnHeart(), StoryEmpty(1)],
    ids=lambda error: type(error).__name__,
)
def test_every_refusal_is_a_friendly_sentence(error: BotError) -> None:
    sentence = sentence_for(error) or ""
    assert sentence.endswith(".")
    assert "!" not in sentence

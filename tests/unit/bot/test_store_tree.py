"""Going about in a story's tree, and growing it without the model."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import PassageNotFound, PassageUnfinished, StoryEmpty, StoryNotFound
from bot.store import Author, Passage, PassageState, StoryStore, TitleOrigin
from tests.fakes.stored_stories import CHANNEL, GUILD, OWNER, READER, asked, begun, ended, told, went_on


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


async def chosen(store: StoryStore, passage: Passage) -> int | None:
    return (await store.passage(passage.id)).chosen_child_id


async def head(store: StoryStore, passage: Passage) -> int | None:
    return (await store.story(passage.story_id)).head_id


async def test_the_head_goes_where_it_is_sent_and_the_way_there_is_remembered(store: StoryStore) -> None:
    story, first = await told(store, "The lake")
    left = await went_on(store, first, " Left.")
    right = await went_on(store, first, " Right.")
    deep = await went_on(store, left, " Deep.")
    prompt = await store.passage(first.parent_id or 0)

    moved = await store.tree.move_head(story.id, right.id)

    assert moved == await store.story(story.id)
    assert moved.head_id == right.id
    assert [await chosen(store, each) for each in (prompt, first, left)] == [first.id, right.id, deep.id]


async def test_what_the_model_finishes_is_on_the_chosen_way(store: StoryStore) -> None:
    _, first = await told(store, "The lake")
    below = await went_on(store, first)

    prompt = await store.passage(first.parent_id or 0)
    assert (await chosen(store, prompt), await chosen(store, first)) == (first.id, below.id)


async def test_a_passage_without_text_changes_no_way(store: StoryStore) -> None:
    _, first = await told(store)
    below = await went_on(store, first)

    await ended(store, await store.add_passage(first.story_id, first.id, asked()), "")

    assert (await chosen(store, first), await head(store, first)) == (below.id, below.id)


async def test_the_head_does_not_go_to_a_passage_without_text_or_of_another_story(store: StoryStore) -> None:
    story, first = await told(store)
    failed = await went_on(store, first, "")
    _, elsewhere = await told(store)

    for passage_id in (failed.id, elsewhere.id, 999, 2**70, -1):
        with pytest.raises(PassageNotFound):
            await store.tree.move_head(story.id, passage_id)

    assert await head(store, first) == first.id


async def test_nothing_moves_the_head_while_a_passage_is_being_written_that_will_be_it(store: StoryStore) -> None:
    story, first = await told(store, "The lake")
    waiting = await store.add_passage(story.id, first.id, asked())

    for refused in (
        store.tree.move_head(story.id, first.id),
        store.tree.move_head(story.id, waiting.id),
        store.tree.add_text(story.id, first.id, OWNER, "Mine"),
        store.tree.replace_text(first.id, " Other."),
    ):
        with pytest.raises(PassageUnfinished) as caught:
            await refused
        assert caught.value.passage_id == waiting.id

    assert len(await store.passages_of(story.id)) == 3
    done = await ended(store, waiting)
    assert await head(store, first) == done.id


async def test_what_is_written_in_another_story_is_in_nobodys_way(store: StoryStore) -> None:
    story, first = await told(store)
    await begun(store)

    assert (await store.tree.move_head(story.id, first.id)).head_id == first.id


async def test_versions_are_the_passages_with_text_in_one_place_by_one_kind_of_author(store: StoryStore) -> None:
    _, first = await told(store, "The lake")
    one = await went_on(store, first, " One.")
    failed = await went_on(store, first, "")
    words = await store.tree.add_text(first.story_id, first.id, OWNER, "Mine")
    two = await went_on(store, first, " Two.")

    assert [version.id for version in await store.tree.versions_of(two.id)] == [one.id, two.id]
    assert [version.id for version in await store.tree.versions_of(failed.id)] == [one.id, failed.id, two.id]
    assert [version.id for version in await store.tree.versions_of(words.id)] == [words.id]
    with pytest.raises(PassageNotFound):
        await store.tree.versions_of(999)


async def test_a_beginning_has_versions_too(store: StoryStore) -> None:
    story, first = await told(store)
    again = await ended(store, await store.add_passage(story.id, None, asked()), " Again.")
    await told(store)

    assert [version.id for version in await store.tree.versions_of(first.id)] == [first.id, again.id]


async def test_what_follows_is_the_way_gone_last_else_the_newest_with_text(store: StoryStore) -> None:
    story, first = await told(store)
    one = await went_on(store, first, " One.")
    two = await went_on(store, first, " Two.")
    await went_on(store, first, "")

    assert await store.tree.child_of(two.id) is None
    assert (await store.tree.child_of(first.id) or one).id == two.id
    await store.tree.move_head(story.id, one.id)
    assert (await store.tree.child_of(first.id) or two).id == one.id

    await store._database.write("UPDATE passages SET chosen_child_id = NULL", {})
    assert (await store.tree.child_of(first.id) or one).id == two.id


async def test_a_persons_own_passage_becomes_the_head(store: StoryStore) -> None:
    story, first = await told(store)

    own = await store.tree.add_text(story.id, first.id, OWNER, "Mine")

    assert (own.author, own.text, own.state, own.parent_id) == (Author.PERSON, "Mine", PassageState.DONE, first.id)
    assert (await head(store, first), await chosen(store, first)) == (own.id, own.id)


async def test_a_persons_passage_needs_its_story_and_the_one_above(store: StoryStore) -> None:
    story, first = await told(store)
    _, elsewhere = await told(store)

    with pytest.raises(StoryNotFound):
        await store.tree.add_text(999, None, OWNER, "Mine")
    for parent_id in (elsewhere.id, 999):
        with pytest.raises(PassageNotFound):
            await store.tree.add_text(story.id, parent_id, OWNER, "Mine")

    assert await store.passages_of(story.id) == [first]


async def test_an_edited_passage_keeps_its_old_text_as_a_version_and_what_is_below_it(store: StoryStore) -> None:
    _, first = await told(store, "The lake", " was still.")
    below = await went_on(store, first, " Then it froze.")
    await store.set_message(first.id, 77, 78)

    edited = await store.tree.replace_text(first.id, " was deep.")

    assert (edited.id, edited.text, edited.edited, edited.message_id) == (first.id, " was deep.", True, 78)
    _, old = await store.tree.versions_of(first.id)
    assert (old.text, old.edited, old.options, old.seed, old.message_id) == (
        " was still.", False, first.options, first.seed, None,
    )  # fmt: skip
    assert [each.text for each in await store.path_to(below.id)] == ["The lake", " was deep.", " Then it froze."]
    assert await store.tree.child_of(old.id) is None
    assert await head(store, first) == below.id


async def test_after_an_edit_the_way_leads_through_the_edited_passage(store: StoryStore) -> None:
    _, first = await told(store, "The lake")
    await store._database.write("UPDATE passages SET chosen_child_id = NULL", {})  # as a migrated story is

    await store.tree.replace_text(first.id, " Other.")

    assert (await store.tree.child_of(first.parent_id or 0) or first).text == " Other."


async def test_editing_a_passage_off_the_way_lets_the_story_end_there(store: StoryStore) -> None:
    _, first = await told(store)
    left = await went_on(store, first, " Left.")
    await went_on(store, first, " Right.")

    await store.tree.replace_text(left.id, " Changed.")

    assert (await head(store, first), await chosen(store, first)) == (left.id, left.id)


async def test_an_edit_that_changes_nothing_makes_no_version(store: StoryStore) -> None:
    _, first = await told(store)

    assert await store.tree.replace_text(first.id, first.text) == first
    assert len(await store.passages_of(first.story_id)) == 1


async def test_words_put_in_place_of_a_passage_that_failed_are_a_passage_like_others(store: StoryStore) -> None:
    _, first = await told(store)
    failed = await went_on(store, first, "")

    edited = await store.tree.replace_text(failed.id, " Mine.")

    assert (edited.state, edited.text) == (PassageState.DONE, " Mine.")
    assert [version.id for version in await store.tree.versions_of(failed.id)] == [failed.id]
    assert await head(store, first) == failed.id


async def test_a_passage_belongs_to_whoever_edited_it(store: StoryStore) -> None:
    _, first = await told(store)

    assert (await store.tree.replace_text(first.id, " One.", user_id=READER)).user_id == READER
    assert (await store.tree.replace_text(first.id, " Two.")).user_id == OWNER


async def test_a_branch_is_a_story_of_its_own_with_copies_of_the_way_to_a_passage(store: StoryStore) -> None:
    story, first = await told(store, "The lake", title="Typed")
    await store.tree.set_memory(story.id, "It is cold")
    below = await went_on(store, first, " Below.")
    beside = await went_on(store, first, " Beside.")

    branch = await store.tree.copy_path(
        below.id, owner_id=READER, guild_id=None, channel_id=77, private=True, title="Typed"
    )

    assert (branch.owner_id, branch.guild_id, branch.channel_id, branch.private) == (READER, None, 77, True)
    assert (branch.branched_from, branch.genre, branch.title, branch.memory) == (story.id, "horror", "Typed", "")
    assert (branch.title_origin, branch.titled_by) == (TitleOrigin.TYPED, OWNER)
    copies = await store.path_to(branch.head_id or 0)
    originals = await store.path_to(below.id)
    assert [each.text for each in copies] == ["The lake", " It began.", " Below."]
    assert not {each.id for each in copies} & {each.id for each in originals}
    assert [(each.user_id, each.author, each.options, each.seed, each.message_id) for each in copies] == [
        (each.user_id, each.author, each.options, each.seed, None) for each in originals
    ]
    assert len(await store.passages_of(branch.id)) == 3
    assert (await head(store, first), len(await store.passages_of(story.id))) == (beside.id, 4)


async def test_ones_own_branch_keeps_the_memory(store: StoryStore) -> None:
    story, first = await told(store)
    await store.tree.set_memory(story.id, "It is cold")

    branch = await store.tree.copy_path(
        first.id, owner_id=OWNER, guild_id=GUILD, channel_id=CHANNEL, private=False, title=""
    )

    assert branch.memory == "It is cold"


async def test_a_branch_has_only_passages_with_text(store: StoryStore) -> None:
    story, first = await told(store)
    failed = await went_on(store, first, "")
    waiting = await store.add_passage(story.id, first.id, asked("And then"))

    async def branch(passage: Passage) -> list[str]:
        copy = await store.tree.copy_path(
            passage.id, owner_id=OWNER, guild_id=None, channel_id=1, private=False, title=""
        )
        return [each.text for each in await store.passages_of(copy.id)]

    assert await branch(failed) == [" It began."]
    with pytest.raises(PassageUnfinished):
        await branch(waiting)
    _, empty = await told(store, "", "")
    with pytest.raises(StoryEmpty):
        await branch(empty)
    with pytest.raises(PassageNotFound):
        await store.tree.copy_path(999, owner_id=1, guild_id=None, channel_id=1, private=False, title="")


async def test_a_branch_outlives_the_story_that_it_came_from(store: StoryStore) -> None:
    story, first = await told(store)
    branch = await store.tree.copy_path(
        first.id, owner_id=READER, guild_id=None, channel_id=1, private=False, title="x"
    )

    await store.delete_story(story.id)

    assert (await store.story(branch.id)).branched_from == story.id
    assert [each.text for each in await store.path_to(branch.head_id or 0)] == [" It began."]


async def test_a_typed_title_memory_and_genre_are_kept(store: StoryStore) -> None:
    story, _ = await told(store)

    assert (story.title_origin, story.titled_by) == (TitleOrigin.TEXT, None)
    renamed = await store.tree.rename(story.id, "Mine")
    assert (renamed.title, renamed.title_origin, renamed.titled_by) == ("Mine", TitleOrigin.TYPED, OWNER)
    assert (await store.tree.set_memory(story.id, "It is cold")).memory == "It is cold"
    assert (await store.tree.set_genre(story.id, "drama")).genre == "drama"
    assert (await store.tree.retitle(story.id, "Words")).title == "Mine"
    for refused in (
        store.tree.rename(999, "x"),
        store.tree.set_memory(999, "x"),
        store.tree.set_genre(2**80, "x"),
        store.tree.retitle(999, "x"),
        store.tree.set_public(-1),
    ):
        with pytest.raises(StoryNotFound):
            await refused


async def test_a_title_says_where_it_comes_from(store: StoryStore) -> None:
    typed, _ = await begun(store, "The lake", title="Mine")
    _, waiting = await begun(store, "The lake")

    assert (typed.title_origin, typed.titled_by) == (TitleOrigin.TYPED, OWNER)
    story, _ = await store.finish_passage(
        waiting.id, text=" x", state=PassageState.DONE, title="The Frozen Lake", title_origin=TitleOrigin.MODEL
    )
    assert (story.title, story.title_origin) == ("The Frozen Lake", TitleOrigin.MODEL)


async def test_a_title_that_was_typed_while_the_model_wrote_stays(store: StoryStore) -> None:
    story, first = await told(store)
    waiting = await store.add_passage(story.id, None, asked())
    await store.tree.rename(story.id, "Mine")

    story, _ = await store.finish_passage(waiting.id, text=" x", state=PassageState.DONE, title="Words", retitle=True)

    assert (story.title, story.title_origin, story.head_id) == ("Mine", TitleOrigin.TYPED, waiting.id)
    assert first.id != waiting.id


async def test_a_passage_says_whether_it_was_written_twice(store: StoryStore) -> None:
    _, waiting = await begun(store)
    _, passage = await store.finish_passage(waiting.id, text=" x", state=PassageState.DONE, title="", rewritten=True)

    assert passage.rewritten
    assert await store.passage(passage.id) == passage


async def test_a_way_of_many_passages_is_gone_in_one_go(store: StoryStore) -> None:
    story, first = await told(store)
    chain = """
        INSERT INTO passages (id, story_id, parent_id, author, user_id, text, state, created_at, finished_at)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
        SELECT :first + i, :story, :first + i - 1, 'model', 1, ' x', 'done', 1, 1 FROM n
    """
    await store._database.write(chain, {"first": first.id, "story": story.id})

    await store.tree.move_head(story.id, first.id + 3000)

    assert await chosen(store, first) == first.id + 1
    edited = await store.tree.replace_text(first.id, " Other.")
    assert (await head(store, first), edited.chosen_child_id) == (first.id + 3000, first.id + 1)


async def test_what_fails_halfway_leaves_nothing(store: StoryStore) -> None:
    story, first = await told(store)
    await store._database.write(
        "CREATE TEMP TRIGGER fails BEFORE UPDATE OF head_id ON main.stories BEGIN SELECT raise(ABORT, 'no'); END", {}
    )

    for broken in (
        store.tree.replace_text(first.id, " Other."),
        store.tree.add_text(story.id, first.id, OWNER, "Mine"),
        store.tree.copy_path(first.id, owner_id=1, guild_id=None, channel_id=1, private=False, title=""),
    ):
        with pytest.raises(sqlite3.IntegrityError):
            await broken

    assert await store.passages_of(story.id) == [first]
    assert await store.count_stories(1) == 0

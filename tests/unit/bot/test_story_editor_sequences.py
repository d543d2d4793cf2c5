"""Whatever people do one after the other, what is shown is what is stored, and both are what the rules say."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import Config
from bot.errors import NothingToRedo, NothingToUndo, PassageNotFound, StoryEmpty, StoryNotFound
from bot.exports import make_book
from bot.exports.story_file import read_story_file, story_file
from bot.store import Author, StoryStore
from bot.storytelling.joining import joined
from bot.storytelling.story_editor import StoryEditor
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller, Telling
from storygen.errors import EngineFailed
from storygen.genre import ORIGINAL_GENRES
from tests.fakes.model_tree import Tree
from tests.fakes.scripted_engine import ScriptedEngine
from tests.fakes.story_trees import EDITION

ANNA = Teller(user_id=41, guild_id=5, channel_id=9)
BORIS = Teller(user_id=42, guild_id=5, channel_id=9)
TELLERS = {teller.user_id: teller for teller in (ANNA, BORIS)}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does: to which of the passages there are, and with which words."""

    act: str
    which: int
    words: str
    fails: bool


ACTS = ("begin", "go_on", "retry", "undo", "redo", "version", "edit", "write", "branch", "branch", "delete")
STEPS = st.builds(
    Step,
    act=st.sampled_from([*ACTS, "go_on", "go_on", "retry", "undo", "undo", "redo", "version", "edit", "write"]),
    which=st.integers(0, 999),
    words=st.sampled_from(["", "Then", "And I said no", "The lake"]),
    fails=st.sampled_from([False, False, False, True]),
)


@dataclass
class World:
    """The program and beside it the trees as they ought to be."""

    store: StoryStore
    engine: ScriptedEngine = field(default_factory=ScriptedEngine)
    trees: dict[int, Tree] = field(default_factory=dict)
    told: int = 0

    def __post_init__(self) -> None:
        self.storyteller = Storyteller(self.engine, self.store, Config())
        self.editor = StoryEditor(self.store, self.storyteller, ORIGINAL_GENRES)

    async def do(self, step: Step) -> None:
        places = [(story, passage) for story, tree in self.trees.items() for passage in tree.nodes]
        if not places or step.act == "begin":
            await self.begin(step)
            return
        story, passage = places[step.which % len(places)]
        await getattr(self, step.act)(step, self.trees[story], passage)

    def script(self, step: Step) -> str:
        """Say what the model will answer; no two answers are the same."""
        self.told += 1
        text = "" if step.fails else f" Tale {self.told} was told."
        answer: str | Exception = text or EngineFailed("broken")
        self.engine.script = [*[""] * len(self.engine.generations), answer]
        return text

    async def grow(self, tree: Tree, telling: Telling, above: int | None, words: str, text: str) -> None:
        """Let the model end what it was asked for: below the person's words, where there are some."""
        await asyncio.gather(telling.finished(), return_exceptions=True)
        if words:
            tree.add(telling.passage.parent_id or 0, above, Author.PERSON, words)
            above = telling.passage.parent_id
        tree.add(telling.passage.id, above, Author.MODEL, text if above else text.lstrip())
        if text:
            tree.go_to(telling.passage.id)

    async def begin(self, step: Step) -> None:
        text = self.script(step)
        teller = ANNA if step.which % 2 else BORIS
        telling = await self.storyteller.begin(teller, genre="horror", prompt=step.words)
        tree = self.trees[telling.story.id] = Tree(owner=teller.user_id)
        await self.grow(tree, telling, None, step.words, text)
        if step.words and not text:
            tree.go_to(telling.passage.parent_id or 0)

    async def go_on(self, step: Step, tree: Tree, passage: int) -> None:
        above = passage if tree.nodes[passage].text else tree.nodes[passage].parent
        text = self.script(step)
        telling = await self.storyteller.go_on(TELLERS[tree.owner], passage, step.words)
        await self.grow(tree, telling, above, step.words, text)

    async def retry(self, step: Step, tree: Tree, passage: int) -> None:
        is_persons = tree.nodes[passage].author is Author.PERSON
        text = self.script(step)
        telling = await self.storyteller.retry(TELLERS[tree.owner], passage)
        await self.grow(tree, telling, passage if is_persons else tree.nodes[passage].parent, "", text)

    async def undo(self, _: Step, tree: Tree, passage: int) -> None:
        above = tree.above(passage)
        if above is None:
            with pytest.raises(NothingToUndo):
                await self.editor.undo(tree.owner, passage)
        else:
            assert (await self.editor.undo(tree.owner, passage)).passage.id == above
            tree.go_to(above)

    async def redo(self, _: Step, tree: Tree, passage: int) -> None:
        below = tree.below(passage)
        if below is None:
            with pytest.raises(NothingToRedo):
                await self.editor.redo(tree.owner, passage)
        else:
            assert (await self.editor.redo(tree.owner, passage)).passage.id == below
            tree.go_to(below)

    async def version(self, step: Step, tree: Tree, passage: int) -> None:
        place = step.which % 5 - 1
        versions = tree.versions(passage)
        wanted = versions[min(max(place, 0), len(versions) - 1)]
        assert (await self.editor.show_version(tree.owner, passage, place)).passage.id == wanted
        if tree.nodes[wanted].text:
            tree.go_to(wanted)

    async def edit(self, step: Step, tree: Tree, passage: int) -> None:
        mine = tree.nodes[passage]
        words = f"Other {self.told % 3} words." if step.fails else step.words or mine.text.strip() or "Words"
        shown = await self.editor.edit(tree.owner, passage, words)
        begins_anew = mine.author is Author.PERSON or mine.parent is None
        text = words if begins_anew else f" {words}"
        if text != mine.text:
            tree.edit(passage, text, copy=max(each.id for each in await self.store.passages_of(shown.story.id)))

    async def write(self, step: Step, tree: Tree, passage: int) -> None:
        words = step.words or "So be it"
        shown = await self.editor.write(TELLERS[tree.owner], passage, words)
        tree.add(shown.passage.id, tree.base(passage), Author.PERSON, words)
        tree.go_to(shown.passage.id)

    async def branch(self, step: Step, tree: Tree, passage: int) -> None:
        teller = ANNA if step.which % 3 else BORIS
        way = [tree.nodes[each] for each in tree.path(passage) if tree.nodes[each].text]
        if not way:
            with pytest.raises(StoryEmpty):
                await self.editor.branch(teller, passage, private=False)
            return
        shown = await self.editor.branch(teller, passage, private=False)
        copy = self.trees[shown.story.id] = Tree(owner=teller.user_id)
        for number, original in zip((each.id for each in shown.path), way, strict=True):
            copy.add(number, max(copy.nodes, default=None), original.author, original.text)
            copy.nodes[number].edited = original.edited
        copy.go_to(shown.passage.id)

    async def delete(self, _: Step, tree: Tree, passage: int) -> None:
        story_id = (await self.store.passage(passage)).story_id
        await self.storyteller.delete(tree.owner, story_id)
        del self.trees[story_id]
        with pytest.raises(StoryNotFound):
            await self.store.story(story_id)
        with pytest.raises(PassageNotFound):
            await self.editor.shown(passage)


async def look_at_what_is_stored(store: StoryStore, trees: dict[int, Tree]) -> None:
    counts = await store.counts()
    assert (counts.stories, counts.passages) == (len(trees), sum(len(tree.nodes) for tree in trees.values()))
    for story_id, tree in trees.items():
        stored = {
            each.id: (each.parent_id, each.author, each.text, each.edited, each.chosen_child_id)
            for each in await store.passages_of(story_id)
        }
        assert stored == {
            number: (node.parent, node.author, node.text, node.edited, node.chosen)
            for number, node in tree.nodes.items()
        }
        story = await store.story(story_id)
        assert (story.owner_id, story.head_id) == (tree.owner, tree.head)


async def look_at_what_is_shown(editor: StoryEditor, trees: dict[int, Tree]) -> None:
    for tree in trees.values():
        if tree.head is None:
            continue
        shown = await editor.shown(tree.head)
        assert joined(shown.path) == tree.text(tree.head)
        assert (shown.versions, shown.versions[shown.place]) == (tree.versions(tree.head), tree.head)
        assert (shown.can_undo, shown.can_redo) == (
            tree.above(tree.head) is not None,
            tree.below(tree.head) is not None,
        )
        title = shown.story.title.removesuffix("…")
        assert tree.text(tree.head).startswith(title) or title.startswith(tree.text(tree.head))


async def look_at_what_is_exported(store: StoryStore, trees: dict[int, Tree]) -> None:
    for story_id, tree in trees.items():
        if tree.head is None:
            continue
        file = read_story_file(
            story_file(make_book(await store.story(story_id), await store.passages_of(story_id), EDITION))
        )
        ids: dict[int | None, int | None] = {None: None}
        ids |= dict(zip((each.number for each in file.passages), sorted(tree.nodes), strict=True))
        assert {
            ids[each.number]: (ids[each.parent], each.author, each.text, each.edited, ids[each.chosen_child])
            for each in file.passages
        } == {
            number: (node.parent, node.author, node.text, node.edited, node.chosen)
            for number, node in tree.nodes.items()
        }
        assert ids[file.story.head] == tree.head


async def live(path: Path, steps: list[Step]) -> None:
    async with StoryStore.open(path) as store:
        world = World(store)
        for step in steps:
            await world.do(step)
            await look_at_what_is_stored(store, world.trees)
            await look_at_what_is_shown(world.editor, world.trees)
        await world.storyteller.close(1.0)
    async with StoryStore.open(path) as store:
        await look_at_what_is_stored(store, world.trees)
        await look_at_what_is_exported(store, world.trees)


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=12))
def test_any_sequence_leaves_shown_what_is_stored(steps: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(live(Path(folder) / "stories.sqlite3", steps))

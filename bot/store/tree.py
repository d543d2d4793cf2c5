"""What people do in a story's tree without the model: go about in it, and add, change and copy passages."""

from __future__ import annotations

from bot.errors import PassageNotFound, PassageUnfinished, StoryEmpty, StoryNotFound
from bot.store import statements, tree_statements
from bot.store.database import Database
from bot.store.lookups import now, passage_by_id, path_by_id, storable, story_by_id
from bot.store.rows import Passage, PassageState, StoredStory, read_passage, read_story


class StoryTree:
    """``StoryStore.tree``. Whatever changes something is one transaction.

    The head stays where it is while a passage of the story is being written, since that one will be the head:
    whatever would move it, or change the text that the model goes on from, raises PassageUnfinished.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def move_head(self, story_id: int, passage_id: int) -> StoredStory:
        """Let the story end at this passage, and each passage above it lead there.

        Raises PassageNotFound where the story has no such passage with text, and PassageUnfinished.
        """

        async def work() -> StoredStory:
            passage = await passage_by_id(self._database, passage_id)
            await self._refuse_while_written(passage.story_id)
            if passage.story_id != story_id or not passage.text:
                raise PassageNotFound(passage_id)
            return await self._end_at(passage)

        return await self._database.transaction(work)

    async def versions_of(self, passage_id: int) -> list[Passage]:
        """Give a passage and the others with text in its place by an author of its kind, the oldest first.

        Raises PassageNotFound.
        """
        passage = await passage_by_id(self._database, passage_id)
        fields = {"story_id": passage.story_id, "parent_id": passage.parent_id, "author": passage.author.value}
        rows = await self._database.read(tree_statements.VERSIONS_OF, {**fields, "id": passage_id})
        return [read_passage(row) for row in rows]

    async def child_of(self, passage_id: int) -> Passage | None:
        """Give the passage that follows this one: the one gone through last, else the newest; None at an end.

        Raises PassageNotFound.
        """
        passage = await passage_by_id(self._database, passage_id)
        while True:
            fields = {"story_id": passage.story_id, "id": passage.id, "chosen_id": passage.chosen_child_id}
            rows = await self._database.read(tree_statements.CHILD_OF, fields)
            if not rows:
                return None
            passage = read_passage(rows[0])
            if passage.text:
                return passage

    async def add_text(self, story_id: int, parent_id: int | None, user_id: int, text: str) -> Passage:
        """Write a person's own passage below ``parent_id``; the story ends with it then.

        Raises StoryNotFound, PassageNotFound where the story has no such parent, and PassageUnfinished.
        """
        fields = {"story_id": story_id, "parent_id": parent_id, "user_id": user_id, "text": text, "now": now()}

        async def work() -> Passage:
            await story_by_id(self._database, story_id)
            await self._refuse_while_written(story_id)
            if parent_id is not None and (await passage_by_id(self._database, parent_id)).story_id != story_id:
                raise PassageNotFound(parent_id)
            passage = read_passage((await self._database.read(statements.ADD_PERSONS, fields))[0])
            await self._end_at(passage)
            return passage

        return await self._database.transaction(work)

    async def replace_text(self, passage_id: int, text: str, *, user_id: int | None = None) -> Passage:
        """Give a passage another text, typed by ``user_id`` or else by the story's owner.

        The old text stays as a version beside it, and what follows the passage stays below it. The story ends where
        it ended, or at this passage where that is not on the way. Raises PassageNotFound and PassageUnfinished.
        """

        async def work() -> Passage:
            old = await passage_by_id(self._database, passage_id)
            await self._refuse_while_written(old.story_id)
            if text == old.text:
                return old
            if old.text:
                await self._copy(old, old.story_id, old.parent_id)
            story = await story_by_id(self._database, old.story_id)
            fields = {"id": passage_id, "text": text, "user_id": story.owner_id if user_id is None else user_id}
            passage = read_passage((await self._database.read(tree_statements.REPLACE_TEXT, fields))[0])
            await self._end_at(await self._end_beyond(story, passage))
            return passage

        return await self._database.transaction(work)

    async def copy_path(
        self,
        passage_id: int,
        *,
        owner_id: int,
        guild_id: int | None,
        channel_id: int,
        private: bool,
        title: str,
    ) -> StoredStory:
        """Begin a story with copies of the passages from the beginning to this one; without those that have no text.

        Who wrote them stays; the memory is copied for its own person only. Raises PassageNotFound,
        PassageUnfinished where this passage is being written, and StoryEmpty.
        """
        fields: dict[str, object] = {"owner_id": owner_id, "guild_id": guild_id, "channel_id": channel_id}
        fields |= {"private": int(private), "title": title, "now": now()}

        async def work() -> StoredStory:
            path = await path_by_id(self._database, passage_id)
            if path[-1].state is PassageState.WAITING:
                raise PassageUnfinished(passage_id)
            told = [passage for passage in path if passage.text and passage.state is not PassageState.WAITING]
            if not told:
                raise StoryEmpty(path[-1].story_id)
            source = {**fields, "id": path[-1].story_id}
            copy_id = (await self._database.read(tree_statements.COPY_STORY, source))[0]["id"]
            parent_id: int | None = None
            for passage in told:
                parent_id = await self._copy(passage, copy_id, parent_id)
            return await self._end_at(await passage_by_id(self._database, parent_id or 0))

        return await self._database.transaction(work)

    async def rename(self, story_id: int, title: str) -> StoredStory:
        """Give a story the title that its owner typed. Raises StoryNotFound."""
        return await self._change(tree_statements.RENAME, story_id, title=title)

    async def retitle(self, story_id: int, title: str) -> StoredStory:
        """Give a story whose title is its first words others where it begins in another way now.

        Raises StoryNotFound.
        """
        rows = await self._database.write(tree_statements.RETITLE, {"id": storable(story_id), "title": title})
        return read_story(rows[0]) if rows else await story_by_id(self._database, story_id)

    async def set_memory(self, story_id: int, memory: str) -> StoredStory:
        """Keep facts for the model with a story. Raises StoryNotFound."""
        return await self._change(tree_statements.SET_MEMORY, story_id, memory=memory)

    async def set_genre(self, story_id: int, genre: str) -> StoredStory:
        """Let a story go on in another genre. Raises StoryNotFound."""
        return await self._change(tree_statements.SET_GENRE, story_id, genre=genre)

    async def set_public(self, story_id: int) -> StoredStory:
        """Let others read a story. Raises StoryNotFound."""
        return await self._change(tree_statements.SET_PUBLIC, story_id)

    async def _change(self, statement: str, story_id: int, **values: str) -> StoredStory:
        rows = await self._database.write(statement, {"id": storable(story_id), "now": now(), **values})
        if not rows:
            raise StoryNotFound(story_id)
        return read_story(rows[0])

    async def _refuse_while_written(self, story_id: int) -> None:
        rows = await self._database.read(tree_statements.WAITING_IN, {"story_id": story_id})
        if rows:
            raise PassageUnfinished(int(rows[0]["id"]))

    async def _end_at(self, passage: Passage) -> StoredStory:
        await self._database.read(tree_statements.CHOOSE_PATH, {"id": passage.id})
        fields = {"id": passage.id, "story_id": passage.story_id, "now": now()}
        return read_story((await self._database.read(tree_statements.MOVE_HEAD, fields))[0])

    async def _end_beyond(self, story: StoredStory, passage: Passage) -> Passage:
        """Give the story's head where the way to it leads through ``passage``, else ``passage``."""
        path = [] if story.head_id is None else await path_by_id(self._database, story.head_id)
        return path[-1] if any(above.id == passage.id for above in path) else passage

    async def _copy(self, passage: Passage, story_id: int, parent_id: int | None) -> int:
        fields = {"id": passage.id, "story_id": story_id, "parent_id": parent_id}
        return int((await self._database.read(tree_statements.COPY_PASSAGE, fields))[0]["id"])

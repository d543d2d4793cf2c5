"""Stories, passages and people's settings in one SQLite file; the only way to them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Self, TypeVar

from bot.errors import DatabaseDamaged, DatabaseUnusable, PassageNotFound, StoryNotFound
from bot.store import statements, tree_statements
from bot.store.archive import Archives
from bot.store.circles import Circles, Served
from bot.store.database import Database, Took, untold
from bot.store.erasing import Eraser
from bot.store.lookups import now, passage_by_id, path_by_id, storable, story_by_id
from bot.store.migrate import known_migrations, migrate
from bot.store.people import People
from bot.store.readers import StoryReaders
from bot.store.review import ServerReview
from bot.store.rows import (
    NewPassage,
    Passage,
    PassageState,
    StoreCounts,
    StoredStory,
    TitleOrigin,
    options_json,
    overrides_json,
    read_overrides,
    read_passage,
    read_story,
)
from bot.store.searching import STORIES_OF, searched
from bot.store.server_figures import Figures
from bot.store.server_filters import ServerFilters
from bot.store.servers import Servers, use_up
from bot.store.tree import StoryTree
from bot.store.unfinished import Unfinished
from storygen.sampling import SamplingOptions, SamplingOverrides
from storygen.story import Story

Part = TypeVar("Part")


class StoryStore:
    """The store, open. Make one with ``async with StoryStore.open(path) as store``.

    ``shard`` stands for the process, where several have the same file open: the lowest shard that it serves. Of the
    stories that are told together it looks after those of the servers on ``shard_ids``, of ``shard_count`` in all.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        shard: int = 0,
        shard_ids: Sequence[int] = (),
        shard_count: int = 0,
        took: Took = untold,
    ) -> None:
        self._path = Path(path)
        self._shard = shard
        self._served = Served(ids=tuple(shard_ids), count=shard_count)
        self._took = took
        self._opened: Database | None = None
        self._eraser: Eraser | None = None

    @classmethod
    def open(cls, path: Path | str) -> StoryStore:
        """Give the store of a file for ``async with``, which makes the file or brings it up to date."""
        return cls(path)

    async def __aenter__(self) -> Self:
        """Open the file. Raises DatabaseTooNew and DatabaseUnusable."""
        await asyncio.to_thread(migrate, self._path, known_migrations())
        self._opened = await Database.open(self._path, self._took)
        self._eraser = Eraser(self._opened, self._path)
        await self._eraser.erase()  # what a crash has left
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._erasing.close()
        await self._database.close()  # transactions that still run need it until then
        self._opened = None

    @property
    def tree(self) -> StoryTree:
        """What people do in stories' trees without the model."""
        return StoryTree(self._database)

    @property
    def unfinished(self) -> Unfinished:
        """What is kept of passages while they are written, for a start after a crash."""
        return Unfinished(self._database, self._shard)

    @property
    def readers(self) -> StoryReaders:
        """What readers do with stories, and which ones they may find."""
        return StoryReaders(self._database)

    @property
    def circles(self) -> Circles:
        """Stories that are told together."""
        return Circles(self._database, self._served)

    @property
    def people(self) -> People:
        """What is stored about people besides their stories."""
        return People(self._database, self._erasing)

    @property
    def servers(self) -> Servers:
        """What those who run a server decide there."""
        return Servers(self._database)

    @property
    def server_filters(self) -> ServerFilters:
        """What servers do not want in stories."""
        return ServerFilters(self._database)

    @property
    def archives(self) -> Archives:
        """The archives of servers."""
        return Archives(self._database)

    @property
    def review(self) -> ServerReview:
        """What those who run a server decide about stories there."""
        return ServerReview(self._database)

    @property
    def figures(self) -> Figures:
        """How much is told in a server."""
        return Figures(self._database)

    def on_change(self, call: Callable[[], None]) -> None:
        """Have ``call`` called, on the event loop, after whatever was written."""
        self._database.after_writing.append(call)

    # Stories and passages: reading

    async def story(self, story_id: int) -> StoredStory:
        """Give one story. Raises StoryNotFound."""
        return await story_by_id(self._database, story_id)

    async def passage(self, passage_id: int) -> Passage:
        """Give one passage. Raises PassageNotFound."""
        return await passage_by_id(self._database, passage_id)

    async def path_to(self, passage_id: int) -> list[Passage]:
        """Give the passages from the story's beginning to this one. Raises PassageNotFound."""
        return await path_by_id(self._database, passage_id)

    async def passages_of(self, story_id: int) -> list[Passage]:
        """Give all passages of a story, of every branch, parents before their children; none where it is gone."""
        # By id: a passage is only ever written below one that is there.
        sql = "SELECT * FROM passages WHERE story_id = :id ORDER BY id"
        return [read_passage(row) for row in await self._database.read(sql, {"id": storable(story_id)})]

    async def stories_of(
        self, user_id: int, matching: str = "", limit: int = 25, *, skipped: int = 0
    ) -> list[StoredStory]:
        """Give a person's stories, the one that was written to last first, without so many ``skipped`` ones.

        Only those whose title or first words contain ``matching``, in upper or lower case, where it is given.
        """
        parameters = {"user_id": user_id, "words": searched(matching), "limit": limit, "skipped": skipped}
        return [read_story(row) for row in await self._database.read(STORIES_OF, parameters)]

    async def count_stories(self, user_id: int) -> int:
        """Say how many stories a person has."""
        rows = await self._database.read("SELECT count(*) FROM stories WHERE owner_id = :user_id", {"user_id": user_id})
        return int(rows[0][0])

    async def counts(self) -> StoreCounts:
        """Say how much there is of everything."""
        return StoreCounts(**dict((await self._database.read(statements.COUNTS, {}))[0]))

    async def waiting(self, shard: int | None = None) -> list[Passage]:
        """Give the passages that wait for the model or are being written in this process, or in that of a shard."""
        sql = "SELECT * FROM passages WHERE state = 'waiting' AND shard = :shard ORDER BY id"
        rows = await self._database.read(sql, {"shard": self._shard if shard is None else shard})
        return [read_passage(row) for row in rows]

    # Stories and passages: writing

    async def add_story(
        self, new: NewPassage, *, guild_id: int | None, channel_id: int, genre: str, title: str, private: bool
    ) -> tuple[StoredStory, Passage]:
        """Write a story of ``new.user_id`` with the person's text, if any, and the model's passage that waits below it.

        Gives the story and the model's passage. The head is the person's passage until the model has finished.
        Raises TooSoon where the server's limits allow no passage now; nothing is written then.
        """
        fields = {"owner_id": new.user_id, "guild_id": guild_id, "channel_id": channel_id, "genre": genre}
        fields |= {"title": title, "private": int(private), "now": now()}

        async def work() -> tuple[StoredStory, Passage]:
            story_id = (await self._database.read(statements.ADD_STORY, fields))[0]["id"]
            passage = await self._add_passages(story_id, None, new)
            rows = await self._database.read(statements.SET_HEAD, {"id": story_id, "head_id": passage.parent_id})
            return read_story(rows[0]), passage

        return await self._database.transaction(work)

    async def add_passage(self, story_id: int, parent_id: int | None, new: NewPassage) -> Passage:
        """Write the person's text, if any, below ``parent_id`` and the model's passage that waits below that.

        Gives the model's passage. Raises StoryNotFound, also where the story was deleted a moment ago, and TooSoon.
        """

        async def work() -> Passage:
            await self.story(story_id)
            return await self._add_passages(story_id, parent_id, new)

        return await self._database.transaction(work)

    async def finish_passage(
        self,
        passage_id: int,
        *,
        text: str,
        state: PassageState,
        title: str,
        title_origin: TitleOrigin = TitleOrigin.TEXT,
        retitle: bool = False,
        rewritten: bool = False,
        story: Story | None = None,
        options: SamplingOptions | None = None,
    ) -> tuple[StoredStory, Passage]:
        """End a passage that waits: its text, state and figures in one statement, and with it its story's head.

        The head moves only to a passage with text. ``title``, which comes from ``title_origin``, is for a story that
        has none yet; with ``retitle``, a text brings it to any story whose title nobody typed. ``options`` are those
        that were used where they differ from what was asked for. Gives both rows.
        Raises PassageNotFound where no such passage waits: its story was deleted, or it was ended before.
        """

        async def work() -> tuple[StoredStory, Passage]:
            figures = {**_finish_fields(passage_id, text, state, story), "rewritten": int(rewritten)}
            figures["options"] = None if options is None else options_json(options)
            ended = await self._database.read(statements.FINISH, figures)
            if not ended:
                raise PassageNotFound(passage_id)
            passage = read_passage(ended[0])
            fields: dict[str, object] = {"story_id": passage.story_id, "passage_id": passage_id, "has_text": bool(text)}
            fields |= {"title": title, "title_origin": title_origin.value, "retitle": retitle, "now": now()}
            if text:
                await self._database.read(tree_statements.CHOOSE_PATH, {"id": passage_id})
            rows = await self._database.read(statements.FOLLOW, fields)
            return read_story(rows[0]), passage

        return await self._database.transaction(work)

    async def set_message(self, passage_id: int, channel_id: int, message_id: int) -> None:
        """Remember which message shows a passage."""
        fields = {"id": storable(passage_id), "channel_id": channel_id, "message_id": message_id}
        await self._database.write(statements.SET_MESSAGE, fields)

    async def delete_story(self, story_id: int) -> None:
        """Delete a story with all its passages for good, from the files as well. Raises StoryNotFound."""

        async def work() -> None:
            sql = "DELETE FROM stories WHERE id = :id RETURNING id"
            if not await self._database.read(sql, {"id": storable(story_id)}):
                raise StoryNotFound(story_id)

        await self._erasing.delete(work)

    async def delete_untouched(self, before: int, *, spare_loved: bool, spare_shared: bool, at_most: int) -> int:
        """Delete up to so many stories that were last changed before a time (UTC seconds); say how many there were.

        Those with a ♥ or a post may be spared. From the files they go a little later.
        """
        fields = {"before": before, "spare_loved": spare_loved, "spare_shared": spare_shared, "at_most": at_most}

        async def work() -> int:
            return len(await self._database.read(statements.DELETE_UNTOUCHED, fields))

        return await self._erasing.delete(work, at_once=False)

    # People's settings, and what the program remembers about itself

    async def get_overrides(self, user_id: int) -> SamplingOverrides:
        """Give the options that a person has saved."""
        rows = await self._database.read(
            "SELECT overrides FROM user_settings WHERE user_id = :user_id", {"user_id": user_id}
        )
        return read_overrides(rows[0]["overrides"]) if rows else SamplingOverrides()

    async def save_overrides(self, user_id: int, overrides: SamplingOverrides) -> None:
        """Save the options that are set in ``overrides``; what was saved for the others stays."""
        fields = {"user_id": user_id, "overrides": overrides_json(overrides), "now": now()}
        await self._database.write(statements.SAVE_OVERRIDES, fields)

    async def reset_overrides(self, user_id: int, names: Iterable[str] | None = None) -> None:
        """Forget what a person has saved: for the options named, or for all."""
        if names is None:
            await self._database.write("DELETE FROM user_settings WHERE user_id = :user_id", {"user_id": user_id})
            return
        gone = json.dumps(dict.fromkeys(names))  # json_patch takes out what is null
        await self._database.write(statements.RESET_OVERRIDES, {"user_id": user_id, "gone": gone, "now": now()})

    async def get_meta(self, key: str) -> str | None:
        """Give what was remembered under ``key``, or None."""
        rows = await self._database.read("SELECT value FROM meta WHERE key = :key", {"key": key})
        return str(rows[0]["value"]) if rows else None

    async def set_meta(self, key: str, value: str) -> None:
        """Remember ``value`` under ``key``."""
        await self._database.write(statements.SET_META, {"key": key, "value": value})

    async def write_problem(self) -> str | None:
        """Try to write, changing nothing; give what SQLite says where that is not possible, else None."""
        try:
            await self._database.write(statements.CHANGE_NOTHING, {})
        except DatabaseUnusable as error:
            return error.problem
        return None

    @property
    def damage(self) -> asyncio.Future[DatabaseDamaged]:
        """Done once the file turned out to be damaged while it is in use."""
        return self._database.damage

    @property
    def _database(self) -> Database:
        return _open(self._opened)

    @property
    def _erasing(self) -> Eraser:
        return _open(self._eraser)

    async def _add_passages(self, story_id: int, parent_id: int | None, new: NewPassage) -> Passage:
        fields = {"story_id": story_id, "parent_id": parent_id, "user_id": new.user_id, "now": now()}
        if new.text:
            rows = await self._database.read(statements.ADD_PERSONS, {**fields, "text": new.text})
            fields["parent_id"] = rows[0]["id"]
        asked = {"options": options_json(new.options), "seed": new.seed, "model": new.model, "shard": self._shard}
        passage = read_passage((await self._database.read(statements.ADD_MODELS, {**fields, **asked}))[0])
        if new.quota is not None:
            await use_up(self._database, new.quota, new.user_id, passage.id)
        return passage


def _open(part: Part | None) -> Part:
    if part is None:
        raise RuntimeError("the store is not open; use it in its async with block")
    return part


def _finish_fields(passage_id: int, text: str, state: PassageState, story: Story | None) -> dict[str, object]:
    return {
        "id": passage_id,
        "text": text,
        "state": state.value,
        "now": now(),
        "seed": story and story.seed,
        "model": story and story.model,
        "finish_reason": story and story.finish_reason.value,
        "prompt_tokens": story and story.prompt_tokens,
        "new_tokens": story and story.new_tokens,
        "prompt_was_cut": int(bool(story and story.prompt_was_cut)),
        "waiting_seconds": story and story.waiting_seconds,
        "writing_seconds": story and story.writing_seconds,
    }

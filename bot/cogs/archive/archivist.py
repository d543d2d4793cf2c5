"""Puts stories up in the archives of servers, keeps the posts right, and takes away what is gone from the database.

What has to be done stands in the database, where triggers note it, so it is done after a restart as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from weakref import WeakValueDictionary

import discord

from bot.cogs.archive import posts
from bot.cogs.archive.place import Place, archive_place
from bot.cogs.archive.tags import tags_for
from bot.errors import BotError, NoArchive, StoryNotFound, TagNeeded
from bot.look.archive_post import archive_screen, post_name
from bot.look.cards import genre_label
from bot.replies import UNREACHABLE
from bot.store import ArchivePost, GoneMessage, StoryStore
from bot.storytelling.access import refuse_withdrawn
from bot.storytelling.story_editor import ShownPassage, StoryEditor
from bot.storytelling.telling import Teller
from storygen.genre import Genre

PATIENCE_SECONDS = 30.0
"""How long one post may take: Discord lets a channel be renamed twice in ten minutes, and others wait meanwhile."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 24 * 60 * 60.0
"""Until something that Discord refused is tried again; each time twice as long."""

Waiting = TypeVar("Waiting", ArchivePost, GoneMessage)

log = logging.getLogger(__name__)


class Archivist:
    """One for the whole bot."""

    def __init__(self, client: discord.Client, store: StoryStore, editor: StoryEditor, genres: Sequence[Genre]) -> None:
        self._client = client
        self._store = store
        self._editor = editor
        self._genres = genres
        self._sending: WeakValueDictionary[tuple[int, int], asyncio.Lock] = WeakValueDictionary()
        self._changed = asyncio.Event()
        self._refused: dict[int, tuple[float, float]] = {}  # message ids: when to try again, and the pause until then
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look after the archives from now on, and do first what was left to do when the bot ended."""
        self._store.on_change(self._changed.set)
        self._task = asyncio.create_task(self._run(), name="archivist")

    async def close(self) -> None:
        """End; what is left to do is done after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def place_in(self, guild_id: int) -> Place:
        """Give where stories are put up in a server. Raises NoArchive and PermissionsMissing; nothing is posted."""
        return archive_place(self._client, guild_id, await self._store.archives.channel_of(guild_id))

    async def send(self, teller: Teller, passage_id: int) -> ArchivePost:
        """Put a story up in the archive of the teller's server, as far as this passage, or bring its post there.

        Whoever calls has made sure that the teller may do that and that the story is not private.
        Raises NoArchive, PermissionsMissing, TagNeeded, StoryWithdrawn, and StoryNotFound.
        """
        shown = await self._editor.shown(passage_id)
        guild_id = teller.guild_id or 0
        place = await self.place_in(guild_id)
        await refuse_withdrawn(self._store, teller, shown.story.id)
        async with self._sending.setdefault((shown.story.id, guild_id), asyncio.Lock()):
            post = await self._sent_further(teller, shown, place) or await self._sent(teller, shown, place)
        # Who reads the archive may read the story: as far as it was sent, as where it is shared.
        share_id = await self._store.readers.add_share(shown.story.id, teller.user_id, guild_id, post.channel_id)
        await self._store.readers.set_share_message(share_id, post.message_id)
        return post

    async def send_at_end(self, teller: Teller, passage_id: int) -> ArchivePost | None:
        """Put up a story that was told together, now that it has ended.

        None where the server has no archive, or the bot can't post there: the story's end is no matter of that.
        """
        try:
            return await self.send(teller, passage_id)
        except NoArchive:
            return None
        except (BotError, *UNREACHABLE) as error:
            log.warning("the story that ends with passage %d is not in the archive: %s", passage_id, error)
            return None

    async def _sent_further(self, teller: Teller, shown: ShownPassage, place: Place) -> ArchivePost | None:
        """Let the post that there is show the story as it is now; None where there is none in this archive."""
        before = await self._store.archives.post_of(shown.story.id, place.guild.id)
        if before is None or before.archive_id != place.id:
            return None
        post = await self._store.archives.send_further(shown.story.id, place.guild.id, shown.passage.id, teller.user_id)
        return post if post is not None and await self._is_shown(post) else None

    async def _sent(self, teller: Teller, shown: ShownPassage, place: Place) -> ArchivePost:
        screen = archive_screen(shown, self._genres)
        tags: list[discord.ForumTag] = []
        if isinstance(place, discord.ForumChannel):
            tags = await tags_for(place, genre_label(shown.story.genre, self._genres))
        message = await posts.put_up(place, screen, name=post_name(shown), tags=tags)
        post = ArchivePost(
            story_id=shown.story.id,
            guild_id=place.guild.id,
            archive_id=place.id,
            channel_id=message.channel.id,
            message_id=message.id,
            passage_id=shown.passage.id,
            user_id=teller.user_id,
            stale=0,
            created_at=0,
        )
        if not await self._store.archives.keep(post):  # deleted or taken out while it was posted; the message goes
            raise StoryNotFound(post.story_id)
        return post

    async def _is_shown(self, post: ArchivePost) -> bool:
        """Let a post show its story as it is now; False where the post is no longer on Discord."""
        shown = await self._editor.shown(post.passage_id)
        try:
            await posts.show(self._client, post, archive_screen(shown, self._genres), name=post_name(shown))
            await self._tag(post, shown)
        except discord.NotFound:
            await self._store.archives.lost(post)
            return False
        await self._store.archives.shown(post)
        return True

    async def _tag(self, post: ArchivePost, shown: ShownPassage) -> None:
        """Give a forum's post the tag of its story's genre."""
        with contextlib.suppress(NoArchive, TagNeeded):  # what stands there stays as it is
            forum = archive_place(self._client, post.guild_id, post.archive_id)
            if isinstance(forum, discord.ForumChannel) and post.in_forum:
                tags = await tags_for(forum, genre_label(shown.story.genre, self._genres))
                await posts.tag(self._client, post, tags)

    # What is left to do

    async def _run(self) -> None:
        await self._client.wait_until_ready()
        while True:
            self._changed.clear()
            try:
                await self._work()
            except Exception:  # the next change is looked at all the same
                log.exception("the archives could not be looked after")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FIRST_PAUSE_SECONDS):  # wait_for may swallow the cancelling of close()
                    await self._changed.wait()

    async def _work(self) -> None:
        for gone in await self._store.archives.gone():
            await self._tried(gone, self._take_away)
        for post in await self._store.archives.stale():
            await self._tried(post, self._is_shown)

    async def _take_away(self, gone: GoneMessage) -> None:
        await posts.take_away(self._client, gone)
        await self._store.archives.lost(gone)

    async def _tried(self, what: Waiting, deed: Callable[[Waiting], Awaitable[object]]) -> None:
        """Do something unless it was refused a while ago; whatever goes wrong, the rest is done."""
        at, pause = self._refused.get(what.message_id, (0.0, FIRST_PAUSE_SECONDS / 2))
        if time.monotonic() < at:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await deed(what)
        except (*UNREACHABLE, TimeoutError) as error:
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            self._refused[what.message_id] = (time.monotonic() + pause, pause)
            log.warning("message %d can't be kept right, again in %.0f s: %s", what.message_id, pause, error)
        else:
            self._refused.pop(what.message_id, None)

"""The way of a story from the database into a file in the conversation, for ``/stories export`` and its buttons."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.errors import StoryEmpty
from bot.exports import Edition, Format, Licences, export_book, make_book
from bot.look.cards import genre_colour, genre_label
from bot.store import Passage, StoredStory, StoryStore
from bot.text import escaped
from storygen.engine import Engine

NamesOf = Callable[[StoredStory, Sequence[Passage]], Awaitable[Mapping[int, str]]]


class Exporter:
    """Writes files on a thread, so that others don't wait for them.

    Whoever calls has made sure that the person may read the story, and has deferred the answer.
    All methods raise StoryNotFound, StoryUnfinished, StoryEmpty and ExportTooLarge.
    """

    def __init__(self, store: StoryStore, engine: Engine, licences: Licences, names_of: NamesOf) -> None:
        """``names_of`` finds the names of those who told a story together."""
        self._store = store
        self._names_of = names_of
        self._engine = engine
        self._licences = licences

    async def send(
        self, interaction: discord.Interaction[Any], story: StoredStory, kind: Format, *, author: str
    ) -> None:
        """Answer with all that there is of a story; ``author`` signs it, or nobody where it is empty."""
        await self._send(interaction, story, await self._store.passages_of(story.id), kind, author)

    async def send_to_reader(
        self, interaction: discord.Interaction[Any], story: StoredStory, path: list[Passage], kind: Format
    ) -> None:
        """Answer with what others may have of a story: the path that they may read, without versions or a name."""
        if not path:
            raise StoryEmpty(story.id)
        # Others may have it up to a point that is not its end, and its memory is for its owner.
        await self._send(interaction, replace(story, head_id=path[-1].id, memory=""), path, kind, "")

    async def _send(
        self, interaction: discord.Interaction[Any], story: StoredStory, tree: list[Passage], kind: Format, author: str
    ) -> None:
        edition = await self._edition(story, tree, author)
        written = await asyncio.to_thread(lambda: export_book(make_book(story, tree, edition), kind))
        title = escaped(story.title or "Your story")
        await interaction.edit_original_response(
            content=f"**{title}** · {kind.label}, {_size(len(written.data))}",
            attachments=[discord.File(io.BytesIO(written.data), filename=written.name)],
        )

    async def _edition(self, story: StoredStory, tree: list[Passage], author: str) -> Edition:
        told_together = await self._store.circles.knows(story.id)
        return Edition(
            genre=genre_label(story.genre, self._engine.genres),
            colour=genre_colour(story.genre),
            author=author,
            licences=self._licences.by_model(),
            names=await self._names_of(story, tree) if told_together else {},
            told_together=told_together,
        )


def _size(count: int) -> str:
    """Give a number of bytes as people read it."""
    return f"{count / 2**20:.1f} MB" if count >= 2**20 else f"{max(count / 2**10, 0.1):.1f} KB"

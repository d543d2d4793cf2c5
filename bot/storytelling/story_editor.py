"""What people do to a story without the model: go about in its tree, change it, and let others have it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.errors import (
    EmptyText,
    MemoryTooLong,
    NothingToRedo,
    NothingToUndo,
    OwnHeart,
    PassageNotFound,
    PassageUnfinished,
    PromptTooLong,
)
from bot.store import Author, HeartState, Passage, PassageState, StoredStory, StoryStore, TitleOrigin
from bot.storytelling.access import readable_passage, readable_story, refuse_withdrawn
from bot.storytelling.joining import first_words, joined, lead_of
from bot.storytelling.storyteller import TITLE_LENGTH, Storyteller
from bot.storytelling.telling import Teller
from storygen.errors import UnknownGenre
from storygen.genre import Genre
from storygen.prompt import clean_text

EDIT_LENGTH = 4000
"""Greatest length in characters of a passage that a person edits or writes; a form of Discord takes no more."""
MEMORY_LENGTH = 500
"""Greatest length in characters of the facts kept for a story."""
REASON_LENGTH = 500
"""Greatest length in characters of a report's reason; more is left out."""

_CLOSING = tuple(".,;:!?)]}…\u2019\u201d»")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPassage:
    """A passage in its place, with all that it takes to show it."""

    story: StoredStory
    path: list[Passage]
    """The passages from the story's beginning to this one, itself included."""
    versions: list[int]
    """The ids of the passages that could stand in its place, the oldest first, itself included."""
    place: int
    """Which of these it is, from 0 on."""
    hearts: int
    can_redo: bool
    """Whether there is a passage below it."""

    @property
    def passage(self) -> Passage:
        """The passage itself."""
        return self.path[-1]

    @property
    def lead(self) -> str:
        """The person's words directly above it; empty where there are none."""
        return lead_of(self.path[:-1])

    @property
    def can_undo(self) -> bool:
        """Whether there is a text above it."""
        return any(passage.text for passage in self.path[:-1])


class StoryEditor:
    """Changes stories: one for the whole bot. Everything is checked here, whatever was pressed or typed.

    Of what does not exist, every method raises PassageNotFound or StoryNotFound; of what is not the person's to change
    or to read, NotYours. Where the story's end moves, a passage that is being written raises PassageUnfinished.
    """

    def __init__(self, store: StoryStore, storyteller: Storyteller, genres: Iterable[Genre]) -> None:
        self._store = store
        self._storyteller = storyteller
        self._genres = tuple(genres)

    async def shown(self, passage_id: int) -> ShownPassage:
        """Give a passage in its place."""
        path = await self._store.path_to(passage_id)
        versions = [version.id for version in await self._store.tree.versions_of(passage_id)]
        return ShownPassage(
            story=await self._store.story(path[-1].story_id),
            path=path,
            versions=versions,
            place=versions.index(passage_id),
            hearts=await self._store.readers.hearts(path[-1].story_id),
            can_redo=await self._store.tree.child_of(passage_id) is not None,
        )

    # Going about in the tree

    async def undo(self, user_id: int, passage_id: int) -> ShownPassage:
        """Let the story end above this passage. Raises NothingToUndo at its beginning."""
        await self._own_ended(user_id, passage_id)
        above = [passage for passage in (await self._store.path_to(passage_id))[:-1] if passage.text]
        if not above:
            raise NothingToUndo
        return await self._go_to(above[-1])

    async def redo(self, user_id: int, passage_id: int) -> ShownPassage:
        """Let the story go on with what followed this passage before. Raises NothingToRedo."""
        await self._own_ended(user_id, passage_id)
        below = await self._store.tree.child_of(passage_id)
        if below is None:
            raise NothingToRedo
        return await self._go_to(below)

    async def show_version(self, user_id: int, passage_id: int, place: int) -> ShownPassage:
        """Let the story end at another version of this passage, by its place from 0 on; the nearest that there is."""
        await self._own_ended(user_id, passage_id)
        versions = await self._store.tree.versions_of(passage_id)
        if not versions:  # deleted a moment ago
            raise PassageNotFound(passage_id)
        version = versions[min(max(place, 0), len(versions) - 1)]
        # Only this one itself may be without text, where it failed.
        return await self._go_to(version) if version.text else await self.shown(passage_id)

    async def branch(self, teller: Teller, passage_id: int, private: bool) -> ShownPassage:
        """Begin a story of whoever asks, owner or reader, with a copy of this one up to this passage.

        Of whoever wants no history it replaces what they had, as any new story does.
        Raises StoryEmpty where there is no text to copy, StoryWithdrawn, and what the server's gate raises.
        """
        story, _ = await readable_passage(self._store, teller, passage_id)
        await refuse_withdrawn(self._store, teller, story.id)
        await self._storyteller.gate.admit(teller)
        if not private:
            await self._storyteller.moderator.admit_story(teller.guild_id, story, await self._store.path_to(passage_id))
        copy = await self._store.tree.copy_path(
            passage_id,
            owner_id=teller.user_id,
            guild_id=teller.guild_id,
            channel_id=teller.channel_id,
            private=private,
            title=story.title,
        )
        if not await self._store.people.keeps_history(teller.user_id):
            await self._store.people.forget_other_stories(teller.user_id, but=copy.id)
        return await self.shown((await self._retitled(copy)).head_id or 0)

    # Changing the text

    async def edit(self, user_id: int, passage_id: int, text: str, *, here: int | None = None) -> ShownPassage:
        """Give a passage other words; the old ones stay as a version. ``here`` is the server where it is done.

        Raises EmptyText, PromptTooLong and WordsRefused.
        """
        story, passage = await self._own(user_id, passage_id)
        words = self._typed(text)
        await self._admit(story, here, words, before=joined((await self._store.path_to(passage_id))[:-1]))
        edited = await self._store.tree.replace_text(passage_id, _set_in(words, passage), user_id=user_id)
        await self._retitled(await self._store.story(edited.story_id))
        return await self.shown(passage_id)

    async def write(self, teller: Teller, passage_id: int, text: str) -> ShownPassage:
        """Add a person's own passage below this one, without the model.

        A passage without text (it failed) is passed over.
        Raises EmptyText, PromptTooLong, WordsRefused, StoryWithdrawn, and what the server's gate raises.
        """
        story = await self._own_ended(teller.user_id, passage_id)
        await refuse_withdrawn(self._store, teller, story.id)
        await self._storyteller.gate.admit(teller)
        words = self._typed(text)
        above = [passage for passage in await self._store.path_to(passage_id) if passage.text]
        await self._admit(story, teller.guild_id, words, before=joined(above))
        parent_id = above[-1].id if above else None
        written = await self._store.tree.add_text(story.id, parent_id, teller.user_id, words)
        await self._retitled(await self._store.story(story.id))
        return await self.shown(written.id)

    # Changing the story

    async def rename(self, user_id: int, story_id: int, title: str, *, here: int | None = None) -> StoredStory:
        """Give a story a title; more than the limit is left out. Raises EmptyText and WordsRefused."""
        story = await self._storyteller.story_of(user_id, story_id)
        title = " ".join(clean_text(title, self._genres).split())[:TITLE_LENGTH].strip()
        if not title:
            raise EmptyText
        await self._admit(story, here, title)
        return await self._store.tree.rename(story_id, title)

    async def set_memory(self, user_id: int, story_id: int, text: str, *, here: int | None = None) -> StoredStory:
        """Keep facts for the model with a story; empty for none. Raises MemoryTooLong and WordsRefused."""
        story = await self._storyteller.story_of(user_id, story_id)
        memory = clean_text(text, self._genres)
        if len(memory) > MEMORY_LENGTH:
            raise MemoryTooLong(len(memory), MEMORY_LENGTH)
        await self._admit(story, here, memory)
        return await self._store.tree.set_memory(story_id, memory)

    async def change_genre(self, user_id: int, story_id: int, genre: str) -> StoredStory:
        """Let a story go on in another genre. Raises UnknownGenre."""
        await self._storyteller.story_of(user_id, story_id)
        if genre not in (known := tuple(each.name for each in self._genres)):
            raise UnknownGenre(genre, known)
        return await self._store.tree.set_genre(story_id, genre)

    # Others

    async def share(self, teller: Teller, story_id: int) -> StoredStory:
        """Let others read a story. Where it is then posted, ``store.readers.add_share`` remembers.

        Raises StoryWithdrawn, what the server's gate raises, and StoryRefused where it has what is not wanted here.
        """
        story = await self._storyteller.story_of(teller.user_id, story_id)
        await refuse_withdrawn(self._store, teller, story_id)
        await self._storyteller.gate.admit(teller)
        await self.admit_here(teller.guild_id, story)
        return await self._store.tree.set_public(story_id)

    async def heart(self, teller: Teller, story_id: int) -> HeartState:
        """Give somebody else's story a ♥, or take it back. Raises OwnHeart for one's own."""
        story = await readable_story(self._store, teller, story_id)
        if story.owner_id == teller.user_id:
            raise OwnHeart
        return await self._store.readers.toggle_heart(story_id, teller.user_id, teller.guild_id)

    async def report(self, teller: Teller, passage_id: int, reason: str) -> None:
        """Tell whoever looks after the bot that a passage should not be there; a long reason is cut off."""
        story, _ = await readable_passage(self._store, teller, passage_id)
        cleaned = clean_text(reason, self._genres)[:REASON_LENGTH]
        await self._store.readers.report(story.id, passage_id, teller.user_id, teller.guild_id, cleaned)

    async def admit_here(self, guild_id: int | None, story: StoredStory) -> None:
        """Let a story be shown to the people of a server, or raise StoryRefused."""
        path = [] if story.head_id is None else await self._store.path_to(story.head_id)
        await self._storyteller.moderator.admit_story(guild_id, story, path)

    async def _admit(self, story: StoredStory, here: int | None, words: str, *, before: str = "") -> None:
        """Let a person's words into a story: what holds where it is told, and where they are now."""
        for guild_id in {story.guild_id, here}:
            await self._storyteller.moderator.admit(guild_id, words, before=f"{before} ")

    async def _own(self, user_id: int, passage_id: int) -> tuple[StoredStory, Passage]:
        passage = await self._store.passage(passage_id)
        return await self._storyteller.story_of(user_id, passage.story_id), passage

    async def _own_ended(self, user_id: int, passage_id: int) -> StoredStory:
        story, passage = await self._own(user_id, passage_id)
        if passage.state is PassageState.WAITING:
            raise PassageUnfinished(passage_id)
        return story

    async def _go_to(self, passage: Passage) -> ShownPassage:
        await self._retitled(await self._store.tree.move_head(passage.story_id, passage.id))
        return await self.shown(passage.id)

    async def _retitled(self, story: StoredStory) -> StoredStory:
        """Give a story whose title is its first words other ones where it now begins in another way."""
        if story.title_origin is not TitleOrigin.TEXT or story.head_id is None:
            return story
        title = first_words(joined(await self._store.path_to(story.head_id)))
        return await self._store.tree.retitle(story.id, title)

    def _typed(self, text: str) -> str:
        words = clean_text(text, self._genres)
        if not words:
            raise EmptyText
        if len(words) > EDIT_LENGTH:
            raise PromptTooLong(len(words), EDIT_LENGTH)
        return words


def _set_in(words: str, passage: Passage) -> str:
    """Give the new words of a passage with the space that its old ones had in front, unless they close a sentence.

    A model's text brings that space itself, and a form shows the text without it.
    """
    if passage.author is Author.PERSON or passage.parent_id is None or words.startswith(_CLOSING):
        return words
    if not passage.text:
        return f" {words}"
    return passage.text[: len(passage.text) - len(passage.text.lstrip())] + words

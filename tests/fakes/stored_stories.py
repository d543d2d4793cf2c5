"""Stories in a real store, written without a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.store import NewPassage, Passage, PassageState, StoredStory, StoryStore
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason, Story

OWNER, READER, STRANGER = 41, 42, 43
GUILD, CHANNEL = 5, 9
WRITTEN = Story(
    text=" It began.", finish_reason=FinishReason.EOS, seed=6, model="tiny-2", prompt_tokens=3, new_tokens=4,
    prompt_was_cut=True, waiting_seconds=0.25, writing_seconds=1.5,
)  # fmt: skip


def asked(words: str = "", user_id: int = OWNER) -> NewPassage:
    """Give what somebody asks of the model."""
    return NewPassage(user_id=user_id, text=words, options=SamplingOptions(temperature=1.25), seed=5, model="tiny")


async def begun(
    store: StoryStore,
    words: str = "",
    *,
    owner_id: int = OWNER,
    title: str = "",
    guild_id: int | None = GUILD,
    channel_id: int = CHANNEL,
    private: bool = False,
) -> tuple[StoredStory, Passage]:
    """Begin a story; its model's passage waits."""
    return await store.add_story(
        asked(words, owner_id), guild_id=guild_id, channel_id=channel_id, genre="horror", title=title, private=private
    )


async def ended(store: StoryStore, passage: Passage, text: str = " It began.", title: str = "Began") -> Passage:
    """Let the model finish a passage; without text, let it fail."""
    state = PassageState.DONE if text else PassageState.FAILED
    story = replace(WRITTEN, text=text) if text else None
    _, passage = await store.finish_passage(passage.id, text=text, state=state, title=title, story=story)
    return passage


async def told(
    store: StoryStore,
    words: str = "",
    text: str = " It began.",
    *,
    owner_id: int = OWNER,
    title: str = "",
    guild_id: int | None = GUILD,
    channel_id: int = CHANNEL,
    private: bool = False,
) -> tuple[StoredStory, Passage]:
    """Tell a story of a person's words and a model's passage; give it as it then is, and the model's passage."""
    _, waiting = await begun(
        store, words, owner_id=owner_id, title=title, guild_id=guild_id, channel_id=channel_id, private=private
    )
    passage = await ended(store, waiting, text, title or words or text)
    return await store.story(passage.story_id), passage


async def went_on(
    store: StoryStore, above: Passage, text: str = " It went on.", words: str = "", user_id: int = OWNER
) -> Passage:
    """Let the model write below a passage, after a person's words where there are some."""
    waiting = await store.add_passage(above.story_id, above.id, asked(words, user_id))
    return await ended(store, waiting, text)


def files_with(folder: Path, *words: bytes) -> list[str]:
    """Give the files of a folder in whose bytes one of these words is, in upper or lower case."""
    return [path.name for path in folder.iterdir() if any(word.lower() in path.read_bytes().lower() for word in words)]

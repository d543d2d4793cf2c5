"""What outlives a restart: stories, passages and people's settings, in SQLite."""

from bot.store.rows import Author, NewPassage, Passage, PassageState, StoreCounts, StoredStory
from bot.store.store import StoryStore

__all__ = ["Author", "NewPassage", "Passage", "PassageState", "StoreCounts", "StoredStory", "StoryStore"]

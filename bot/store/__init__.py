"""What outlives a restart: stories, passages, what readers do with them, and people's settings, in SQLite."""

from bot.store.rows import (
    Author,
    Forgotten,
    HeartState,
    LovedStory,
    NewPassage,
    Passage,
    PassageState,
    PersonSummary,
    Report,
    ReportState,
    Share,
    StoreCounts,
    StoredStory,
    TitleOrigin,
)
from bot.store.store import StoryStore
from bot.store.unfinished import OpenAnswer, OpenCommand

__all__ = [
    "Author",
    "Forgotten",
    "HeartState",
    "LovedStory",
    "NewPassage",
    "OpenAnswer",
    "OpenCommand",
    "Passage",
    "PassageState",
    "PersonSummary",
    "Report",
    "ReportState",
    "Share",
    "StoreCounts",
    "StoredStory",
    "StoryStore",
    "TitleOrigin",
]

"""What outlives a restart: stories, passages, what readers do with them, and people's settings, in SQLite."""

from bot.store.archive import ArchivePost, GoneMessage
from bot.store.review import Why, Withdrawal
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
from bot.store.server_figures import ServerFigures
from bot.store.store import StoryStore

__all__ = [
    "ArchivePost",
    "Author",
    "Forgotten",
    "GoneMessage",
    "HeartState",
    "LovedStory",
    "NewPassage",
    "Passage",
    "PassageState",
    "PersonSummary",
    "Report",
    "ReportState",
    "ServerFigures",
    "Share",
    "StoreCounts",
    "StoredStory",
    "StoryStore",
    "TitleOrigin",
    "Why",
    "Withdrawal",
]

"""What outlives a restart: stories, passages, what readers do with them, and people's settings, in SQLite."""

from bot.store.archive import ArchivePost, GoneMessage
from bot.store.circle_rows import BotPart, Circle, Member, Phase, TurnOrder, Vote
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
    Quota,
    Report,
    ReportState,
    Share,
    StoreCounts,
    StoredStory,
    TitleOrigin,
)
from bot.store.server_figures import ServerFigures
from bot.store.store import StoryStore
from bot.store.unfinished import OpenAnswer, OpenCommand

__all__ = [
    "ArchivePost",
    "Author",
    "BotPart",
    "Circle",
    "Forgotten",
    "GoneMessage",
    "HeartState",
    "LovedStory",
    "Member",
    "NewPassage",
    "OpenAnswer",
    "OpenCommand",
    "Passage",
    "PassageState",
    "PersonSummary",
    "Phase",
    "Quota",
    "Report",
    "ReportState",
    "ServerFigures",
    "Share",
    "StoreCounts",
    "StoredStory",
    "StoryStore",
    "TitleOrigin",
    "TurnOrder",
    "Vote",
    "Why",
    "Withdrawal",
]

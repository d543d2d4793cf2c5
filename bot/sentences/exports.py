"""Sentences: stories as files."""

from __future__ import annotations

from bot.errors import ExportTooLarge, StoryEmpty, StoryFileUnreadable, StoryUnfinished, UnknownFormat
from bot.sentences.table import Sentences

SENTENCES: Sentences = {
    StoryUnfinished: lambda _: "This story is still being written. Wait for its end, or press Stop.",
    StoryEmpty: lambda _: "This story has no words yet, so there is nothing to export.",
    UnknownFormat: lambda error: f"I don't know that format. I write {', '.join(error.known)}.",
    ExportTooLarge: lambda error: (
        f"The file would have {error.size / 2**20:.1f} MiB; Discord takes {error.limit / 2**20:.0f}. "
        "The formats for reading are smaller."
    ),
    StoryFileUnreadable: lambda _: "This is not a story file that I have written, or it was changed.",
}

"""Sentences: the database on bad days."""

from __future__ import annotations

from bot.errors import DatabaseDamaged, DatabaseUnusable, DiskFull
from bot.sentences.table import Sentences

SENTENCES: Sentences = {
    DatabaseUnusable: lambda _: "My memory can't be reached just now. Please try again in a minute.",
    DiskFull: lambda _: (
        "There is no room left on my disk, so I can't keep anything new. "
        "Whoever runs me has to make some; please try again later."
    ),
    DatabaseDamaged: lambda _: (
        "My memory is damaged, so I stop before more is lost. Whoever runs me finds in the log what to do."
    ),
}

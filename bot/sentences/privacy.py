"""Sentences: what is stored about a person."""

from __future__ import annotations

from bot.errors import NotYourQuestion, PersonalDataTooLarge
from bot.sentences.table import Sentences

SENTENCES: Sentences = {
    NotYourQuestion: lambda _: "Somebody else was asked this. `/privacy delete` asks you.",
    PersonalDataTooLarge: lambda error: (
        f"All of it together has {error.size / 2**20:.1f} MiB, and Discord takes {error.limit / 2**20:.0f}. "
        "`/stories export` gives you one story at a time; whoever runs me can give you the rest."
    ),
}

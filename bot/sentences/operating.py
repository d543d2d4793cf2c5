"""Sentences: what whoever runs the bot has to mend, and its end."""

from __future__ import annotations

from bot.errors import ShuttingDown
from bot.sentences.table import Sentences

SENTENCES: Sentences = {
    ShuttingDown: lambda _: "I'm shutting down. Your stories are kept; please try again in a few minutes.",
}

"""Sentences: pictures of what the model might write next."""

from __future__ import annotations

from bot.errors import ExplorationFailed, ExplorationLost, StillExploring
from bot.sentences.table import Sentences

SENTENCES: Sentences = {
    StillExploring: lambda _: "One picture at a time: yours is being drawn. Choose again when it is there.",
    ExplorationFailed: lambda _: "The model stumbled over this one. Please try again, or with other words.",
    ExplorationLost: lambda _: "The words of this picture are gone. `/explore` makes a new one.",
}

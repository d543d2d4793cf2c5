"""Pictures of what the model might write next."""

from __future__ import annotations

from bot.errors.parent import BotError


class StillExploring(BotError):
    """The last exploration of this person is not there yet."""


class ExplorationFailed(BotError):
    """The model ended with an error while something was explored; its traceback is in the log."""


class ExplorationLost(BotError):
    """The message of an exploration no longer says what was explored."""

"""The parent of all errors that the bot raises on purpose."""

from __future__ import annotations


class BotError(Exception):
    """Parent of everything that the bot raises on purpose."""

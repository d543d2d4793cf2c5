"""The archives of servers on Discord: stories are put up there, kept right, and taken away."""

from bot.cogs.archive.archivist import Archivist

__all__ = ["Archivist"]

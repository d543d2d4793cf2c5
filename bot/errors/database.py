"""The database and its copies on bad days. Read by people as sentences, and by whoever runs the bot as they are."""

from __future__ import annotations

from pathlib import Path

from bot.errors.parent import BotError


class DatabaseTooNew(BotError):
    """The database was written by a newer version of this program."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"The database has version {found}, written by a newer bot; this one knows {known}. Update the bot."
        )
        self.found = found
        self.known = known


class DatabaseUnusable(BotError):
    """The database can't be opened, read, written or brought up to date, now or at all."""

    def __init__(self, path: str | Path, problem: str) -> None:
        super().__init__(f"The database {path} can't be used: {problem}")
        self.path = Path(path)
        self.problem = problem


class DiskFull(DatabaseUnusable):
    """There is no room for what is to be stored."""


class DatabaseDamaged(DatabaseUnusable):
    """The database file is damaged. ``copy``: where it was copied to, if it was; ``in_use``: not found at a start."""

    def __init__(self, path: str | Path, problem: str, *, copy: Path | None = None, in_use: bool = False) -> None:
        super().__init__(path, problem)
        self.copy = copy
        self.in_use = in_use

    def __str__(self) -> str:
        """Say to whoever runs the bot what is wrong and what to do."""
        kept = f"It is copied to {self.copy}" if self.copy else "It was not copied"
        return (
            f"The database {self.path} is damaged: {self.problem}. {kept}, and nothing was changed in it. "
            f"Put a backup in its place, or save what can be read: "
            f'sqlite3 "{self.path}" .recover | sqlite3 new.sqlite3'
        )


class DatabaseMissing(BotError):
    """There is no database file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no database {path}. DATABASE_PATH names it.")
        self.path = path


class DatabaseInUse(BotError):
    """A program has the database open, so it can't be replaced."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"The database {path} is in use. Stop the bot, then try again.")
        self.path = path


class CopyExists(BotError):
    """A copy would overwrite a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already. Choose another name; nothing is overwritten.")
        self.path = path


class CopyUnusable(BotError):
    """A copy of the database can't be read or written."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path} can't be used: {problem}")
        self.path = path
        self.problem = problem
